import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build as buildDesktop } from 'electron-vite'
import { build, type OutputFile, type Plugin } from 'esbuild'
import { writeNotices } from './write-notices.ts'

/**
 * Bundles the command line with the engine into dist/, all files flat, so that a start reads few files; then the desktop app
 * into dist/desktop and the page of window and console into dist/renderer. The argument `engine` or `desktop` builds only that.
 */
const root = join(import.meta.dirname, '..')
const [only] = process.argv.slice(2)

const entryPoints: Record<string, string> = {
  cli: join(root, 'src/cli/index.ts'),
  'command-line': join(root, 'src/cli/run-cli.ts'),
  engine: join(root, 'src/main/engine/own-engine.ts'),
}
const worker = join(root, 'src/engine/documents/sqlite/worker/sql-worker.ts')
if (existsSync(worker)) entryPoints['sql-worker'] = worker
else console.warn('build: no src/engine/documents/sqlite/worker/sql-worker.ts, so dist/sql-worker.js is left out')

/**
 * Threads of the engine, each one file with all that it needs. Code that they shared with the engine would be in more files, and
 * each file that a start reads takes time and memory.
 */
const threads: Record<string, string> = {
  'search-worker': join(root, 'src/engine/store/requests/search-worker.ts'),
  'log-worker': join(root, 'src/engine/store/requests/writing/log-worker.ts'),
}

const dist = join(root, 'dist')

/** Zod's sentences in fifty languages are half of its code, and none of them is shown. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
    }))
  },
}

/**
 * Reads two of Node's modules without their lazy parts. A static import of `node:http` or `node:crypto` reads every export, also
 * those that load Node's own `fetch` with its web streams, and its web cryptography.
 */
const withoutLazyParts: Plugin = {
  name: 'without-lazy-parts',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?(?:http|crypto)$/ }, ({ path, kind }) =>
      kind === 'require-call'
        ? { path, external: true }
        : { path: path.replace(/^node:/, ''), namespace: 'without-lazy-parts', sideEffects: false },
    )
    onLoad({ filter: /./, namespace: 'without-lazy-parts' }, async ({ path }) => {
      const { default: module } = (await import(`node:${path}`)) as { default: object }
      const names = Object.entries(Object.getOwnPropertyDescriptors(module))
        .filter(([, { get }]) => get === undefined)
        .map(([name]) => name)
      const contents = `const module = require('node:${path}')
        export const { ${names.join(', ')} } = module
        export default module`
      return { contents, loader: 'js' }
    })
  },
}

/**
 * Writes a file with every character beyond ASCII as an escape. esbuild leaves such characters in regular expressions, and in
 * tagged templates, whose raw text this would change. A single one makes V8 keep the whole text with two bytes per character.
 */
function writeAscii({ path, contents, text }: OutputFile): void {
  if (path.endsWith('.js') && /\\[^\0-\x7f]/.test(text))
    throw new Error(`${path} has a backslash before a character beyond ASCII, which an escape would change.`)
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  writeFileSync(path, path.endsWith('.js') ? text.replaceAll(/[^\0-\x7f]/g, escaped) : contents)
}

/**
 * The module of that name reads each property of `process` when it is imported, which opens standard input and lists the options of
 * Node: a tenth of the start of a command. The global is the same object.
 */
const globalProcess: Plugin = {
  name: 'global-process',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(?:node:)?process$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'process', namespace: 'global-process' } : null,
    )
    onLoad({ filter: /.*/, namespace: 'global-process' }, () => ({ contents: 'export default globalThis.process' }))
  },
}

function bundle(entries: Record<string, string>, splitting: boolean) {
  return build({
    entryPoints: entries,
    outdir: dist,
    metafile: true,
    write: false,
    minifyWhitespace: true,
    lineLimit: 200,
    plugins: [englishOnly, globalProcess, withoutLazyParts],
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    sourcemap: true,
    external: ['better-sqlite3', 'keytar'],
    // Its CommonJS form requires its parts in a way that bundlers can't follow.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    // Bundled CommonJS parts call require() for Node's modules, and an ES module has no require() by default.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
    absWorkingDir: root,
  })
}

async function buildEngine(): Promise<void> {
  const parts = await Promise.all([bundle(entryPoints, true), bundle(threads, false)])
  mkdirSync(dist, { recursive: true })
  for (const file of parts.flatMap(({ outputFiles }) => outputFiles)) writeAscii(file)
  const inputs = new Set(parts.flatMap(({ metafile }) => Object.keys(metafile.inputs)))
  writeNotices(root, [...inputs], join(dist, 'THIRD-PARTY-NOTICES.txt'))
  // Chunk names carry a hash: those of earlier builds would be shipped beside the new ones. Only now, so that an engine
  // that runs meanwhile never finds the folder empty.
  const written = new Set(parts.flatMap(({ metafile }) => Object.keys(metafile.outputs)).map((path) => basename(path)))
  written.add('THIRD-PARTY-NOTICES.txt')
  for (const entry of readdirSync(dist, { withFileTypes: true })) {
    if (entry.isFile() && !written.has(entry.name)) rmSync(join(dist, entry.name))
  }
}

try {
  if (only !== 'desktop') await buildEngine()
  if (only !== 'engine')
    await buildDesktop({ root, configFile: join(root, 'electron.vite.config.ts'), logLevel: 'warn' })
} catch (error) {
  // esbuild has already printed its own errors.
  if (!(error instanceof Error && 'errors' in error)) console.error(error)
  process.exitCode = 1
}
