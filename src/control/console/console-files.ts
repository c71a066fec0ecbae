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

/** Vite puts a content hash into these names, so the files can be cached forever. */
const HASHED = /^assets\/(?:[^/]+\/)*[^/]+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/

interface ConsoleFile {
  body: Buffer
  mediaType: string
  immutable: boolean
}

interface ConsoleFiles {
  /** Returns the file of the build at this path, such as `assets/index-1a2b3c4d.js`, or null if there is none. */
  get(path: string): ConsoleFile | null
  readonly index: string
}

/**
 * Returns the build's folder: next to the bundle, or the package's dist/ when run from source. Null if it wasn't built.
 */
export function findConsoleFiles(): string | null {
  const fromSource = import.meta.filename.endsWith('.ts')
  const folder = join(import.meta.dirname, fromSource ? '../../../dist/renderer' : 'renderer')
  return existsSync(join(folder, 'index.html')) ? folder : null
}

/**
 * Reads the whole build into memory (a few megabytes) at the first request. Requested paths are only compared with the
 * build's file names and never reach the disk, and a rebuild can't mix with the files in use. Links that point outside
 * are left out.
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
