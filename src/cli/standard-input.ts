import { createReadStream, fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { isatty, ReadStream } from 'node:tty'

/** Returns stdin. On Windows, Electron replaces it by an empty stream, so the handle itself is read there. */
export function standardInput(): Readable {
  if (process.platform !== 'win32' || process.versions['electron'] === undefined) return process.stdin
  if (isatty(0)) return new ReadStream(0)
  return fstatSync(0).isFile()
    ? createReadStream('', { fd: 0 })
    : new Socket({ fd: 0, readable: true, writable: false })
}
