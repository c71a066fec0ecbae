import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { isOwnFolder, makeOwnFolder } from './own-folder.ts'

/** A socket path has 104 bytes on macOS and 108 on Linux, the ending NUL included. */
const LONGEST_PATH = 100

/**
 * Where the engine of this home listens for its owner, with its folder made ready. A home too deep for a socket path gets one
 * elsewhere, and a note of it in `run/`: client and server need not share `TMPDIR` or `XDG_RUNTIME_DIR`.
 */
export function makeControlAddress(home: string): string {
  if (process.platform === 'win32') return pipeName(home)
  makeOwnFolder(join(home, 'run'))
  const path = directPath(home)
  if (Buffer.byteLength(path) <= LONGEST_PATH) return path
  const runtime = process.env['XDG_RUNTIME_DIR']
  const folder =
    runtime === undefined || runtime === ''
      ? join(tmpdir(), `hallpass-${userInfo().uid}-${homeHash(home)}`)
      : join(runtime, `hallpass-${homeHash(home)}`)
  makeOwnFolder(folder)
  const elsewhere = join(folder, 'engine.sock')
  writeFileSync(notePath(home), elsewhere, { mode: 0o600 })
  return elsewhere
}

/** Where an engine of this home would be found; null when none can be there. */
export function findControlAddress(home: string): string | null {
  if (process.platform === 'win32') return pipeName(home)
  const path = directPath(home)
  if (Buffer.byteLength(path) <= LONGEST_PATH) return existsSync(path) && isOwnFolder(dirname(path)) ? path : null
  if (!existsSync(notePath(home))) return null
  const elsewhere = readFileSync(notePath(home), 'utf8')
  return existsSync(elsewhere) && isOwnFolder(dirname(elsewhere)) ? elsewhere : null
}

function directPath(home: string): string {
  return join(home, 'run', 'engine.sock')
}

function notePath(home: string): string {
  return join(home, 'run', 'engine.address')
}

function pipeName(home: string): string {
  return String.raw`\\.\pipe\hallpass-` + homeHash(home)
}

function homeHash(home: string): string {
  return createHash('sha256').update(home).digest('hex').slice(0, 16)
}
