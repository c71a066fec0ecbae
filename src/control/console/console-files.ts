import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
}

/** Vite puts a hash of the content into these names: what they hold never changes. */
const HASHED = /^assets\/(?:[^/]+\/)*[^/]+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/

export interface ConsoleFile {
  body: Buffer
  mediaType: string
  immutable: boolean
}

export interface ConsoleFiles {
  /** The file of the build at this path, such as `assets/index-1a2b3c4d.js`; null when the build has none. */
  get(path: string): ConsoleFile | null
  readonly index: string
}

/** Where the build lies: beside the bundle, or in the package's dist/ when run from source. Null when it was not built. */
export function findConsoleFiles(): string | null {
  const fromSource = import.meta.filename.endsWith('.ts')
  const folder = join(import.meta.dirname, fromSource ? '../../../dist/renderer' : 'renderer')
  return existsSync(join(folder, 'index.html')) ? folder : null
}

/**
 * Keeps the whole build in memory, some megabytes, from the first look on: a path is looked up among the names of the build and
 * never reaches the disk, and a new build meanwhile does not mix with this one. Links that lead elsewhere are left out.
 */
export function openConsoleFiles(folder: string): ConsoleFiles {
  let files: Map<string, ConsoleFile> | null = null
  function all(): Map<string, ConsoleFile> {
    files ??= new Map(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => {
          const path = join(entry.parentPath, entry.name)
          const name = relative(folder, path).split(sep).join('/')
          const mediaType = MEDIA_TYPES[extname(name)] ?? 'application/octet-stream'
          return [name, { body: readFileSync(path), mediaType, immutable: HASHED.test(name) }]
        }),
    )
    return files
  }
  return {
    get: (path) => all().get(path) ?? null,
    get index() {
      return all().get('index.html')?.body.toString('utf8') ?? ''
    },
  }
}
