import { createReadStream, fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { isatty, ReadStream } from 'node:tty'

/** Stdin. Electron puts an empty stream in its place on Windows; there the handle itself is read. */
export function standardInput(): Readable {
  if (process.platform !== 'win32' || process.versions['electron'] === undefined) return process.stdin
  if (isatty(0)) return new ReadStream(0)
  return fstatSync(0).isFile()
    ? createReadStream('', { fd: 0 })
    : new Socket({ fd: 0, readable: true, writable: false })
}
