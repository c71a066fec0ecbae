import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { isOwnFolder, makeOwnFolder } from './own-folder.ts'

/** Socket paths have at most 104 bytes on macOS and 108 on Linux, including the final NUL. */
const MAX_PATH_BYTES = 100
const PIPE_PREFIX = String.raw`\\.\pipe\hallpass-`
const PIPE_NAME = /^\\\\\.\\pipe\\hallpass-[0-9a-f]{32}$/

/**
 * Prepares the data folder and returns where its engine listens for the owner. A note in `run/` holds addresses that
 * can't be derived from the folder: one that is too long for a socket path (client and server may have a different
 * `TMPDIR` or `XDG_RUNTIME_DIR`), and every Windows pipe. Any user can create a pipe of any name, so with a predictable
 * name another user could create it first and receive the owner's secrets.
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

/** Returns the address of an engine of this data folder, or null if none can exist. */
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
