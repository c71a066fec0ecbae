import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ARCHITECTURE_PAGE = readFileSync(join(import.meta.dirname, '../../ARCHITECTURE.md'), 'utf8')

export interface WalkStep {
  /** Path under src/. */
  file: string
  /** The file with the interface or table between this one and an earlier one, if there is one. */
  through: string | null
}

/** A walk is a heading "Walk: …" with a numbered list, whose items begin with a path under src/. */
export const WALKS: readonly { title: string; steps: WalkStep[] }[] = ARCHITECTURE_PAGE.split(/^### /m)
  .filter((section) => section.startsWith('Walk: '))
  .map((section) => ({
    title: section.split('\n', 1)[0] ?? '',
    steps: [...section.matchAll(/^\d+\. `([^`]+)`(?: \(`([^`]+)`\))?/gm)].map(([, file = '', through]) => ({
      file,
      through: through ?? null,
    })),
  }))
