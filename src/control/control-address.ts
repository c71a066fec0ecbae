import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { isOwnFolder, makeOwnFolder } from './own-folder.ts'

/** A socket path has 104 bytes on macOS and 108 on Linux, the final NUL included. */
const MAX_PATH_BYTES = 100
const PIPE_PREFIX = String.raw`\\.\pipe\hallpass-`
const PIPE_NAME = /^\\\\\.\\pipe\\hallpass-[0-9a-f]{32}$/

/**
 * Returns where the engine of this data folder listens for its owner, with the folder prepared. A note in `run/` holds an
 * address that can't be derived from the folder: one that is too long for a socket path (client and server need not share
 * `TMPDIR` or `XDG_RUNTIME_DIR`), and every pipe of Windows. Any user can create a pipe by any name, so a name that could be
 * guessed could be taken first, and the owner's secrets sent to whoever took it.
 */
export function makeControlAddress(home: string, platform: NodeJS.Platform = process.platform): string {
  makeOwnFolder(join(home, 'run'))
  if (platform === 'win32') return note(home, PIPE_PREFIX + randomBytes(16).toString('hex'))
  const path = directPath(home)
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path
  const runtime = process.env['XDG_RUNTIME_DIR']
  const folder =
    runtime === undefined || runtime === ''
      ? join(tmpdir(), `hallpass-${userInfo().uid}-${homeHash(home)}`)
      : join(runtime, `hallpass-${homeHash(home)}`)
  makeOwnFolder(folder)
  return note(home, join(folder, 'engine.sock'))
}

/** Returns where an engine of this data folder would be found, or null if none can be there. */
export function findControlAddress(home: string, platform: NodeJS.Platform = process.platform): string | null {
  if (platform === 'win32') {
    const pipe = readNote(home)
    return pipe !== null && PIPE_NAME.test(pipe) ? pipe : null
  }
  const path = directPath(home)
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return existsSync(path) && isOwnFolder(dirname(path)) ? path : null
  const elsewhere = readNote(home)
  return elsewhere !== null && existsSync(elsewhere) && isOwnFolder(dirname(elsewhere)) ? elsewhere : null
}

function note(home: string, address: string): string {
  writeFileSync(notePath(home), address, { mode: 0o600 })
  return address
}

function readNote(home: string): string | null {
  return existsSync(notePath(home)) ? readFileSync(notePath(home), 'utf8') : null
}

function directPath(home: string): string {
  return join(home, 'run', 'engine.sock')
}

function notePath(home: string): string {
  return join(home, 'run', 'engine.address')
}

function homeHash(home: string): string {
  return createHash('sha256').update(home).digest('hex').slice(0, 16)
}
