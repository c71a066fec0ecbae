import { realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where Windows redirects what a Microsoft Store program writes below AppData. */
const PRIVATE_COPY = /\\Packages\\([^\\]+)\\LocalCache\\/i

interface ContainerParts {
  /** Returns where the system actually stores a file. */
  realPath?: (file: string) => string
}

/**
 * Returns the Microsoft Store package that has a private copy of this folder, or null. Writes a file to find out,
 * because the folder itself can be the shared one while new files in it are private.
 */
export function storeContainerOf(
  folder: string,
  { realPath = realpathSync.native }: ContainerParts = {},
): string | null {
  const file = join(folder, `place-${process.pid}.tmp`)
  try {
    writeFileSync(file, '', { mode: 0o600 })
    return PRIVATE_COPY.exec(realPath(file))?.[1] ?? null
  } finally {
    rmSync(file, { force: true })
  }
}
