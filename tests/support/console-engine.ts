import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createConsole } from '../../src/control/console/create-console.ts'
import type { WebConsole } from '../../src/engine/web-console.ts'
import type { EngineOptions } from '../../src/engine/engine-options.ts'
import { startTestEngine } from './start-test-engine.ts'

const PAGE = `<!doctype html><html lang="en"><head><meta property="csp-nonce" nonce="__CSP_NONCE__"><title>Built</title>
<script type="module" nonce="__CSP_NONCE__" src="./assets/index-1a2b3c4d.js"></script></head><body><div id="root"></div></body></html>`

export const BUILD: Readonly<Record<string, string>> = {
  'index.html': PAGE,
  'mark.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'assets/index-1a2b3c4d.js': 'document.title = "Running"',
  'assets/index-Zz_-9876.css': 'body { margin: 0 }',
}

/** Creates a small build in a separate folder, next to a secret that no path may reach. */
export function makeBuild(): { folder: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'hallpass-console-'))
  const folder = join(root, 'renderer')
  for (const [name, text] of Object.entries(BUILD)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  writeFileSync(join(root, 'beside.txt'), 'canary beside the build')
  return { folder, remove: () => rmSync(root, { recursive: true, force: true }) }
}

/** Starts an engine with a console of a small build. */
export async function startConsoleEngine(options: Partial<EngineOptions> & { folder?: string | null } = {}) {
  const { folder, ...rest } = options
  const build = makeBuild()
  const create = createConsole(folder === undefined ? build.folder : folder)
  let face: WebConsole | undefined
  const engine = await startTestEngine({ ...rest, console: (parts) => (face = create(parts)) })
  return {
    ...engine,
    build: build.folder,
    link: () => face?.signInLink().url ?? '',
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]()
      build.remove()
    },
  }
}

export type ConsoleEngine = Awaited<ReturnType<typeof startConsoleEngine>>
