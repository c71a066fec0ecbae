import { closeSync, constants, lstatSync, openSync, readSync, realpathSync, statSync, type BigIntStats } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { HallpassError } from '../../../contract/errors.ts'
import { refused } from './document-failure.ts'
import type { PinnedFile } from './worker-messages.ts'

const HEADER_BYTES = 100

/**
 * Finds the file and pins it. Folders on the way may be symbolic links: they are resolved here, once. The file itself may
 * not be one, nor have a second name (a hard link): either would let another path stand behind the one that the owner saw.
 */
export function locateFile(
  given: string,
  options: { create?: boolean; forbiddenFolder?: string },
): { file: PinnedFile; created: boolean } {
  if (given.trim() === '' || given.includes('\0')) throw refused('path: give the path of a SQLite file.')
  const asked = resolve(given)
  const folder = folderOf(asked)
  const path = join(folder, basename(asked))
  if (options.forbiddenFolder !== undefined && inside(path, realFolder(options.forbiddenFolder))) {
    throw refused("path: this file is in Hallpass's own data folder and cannot be a document.")
  }
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (found === undefined) {
    if (options.create !== true) throw refused('path: there is no such file. Use create to make a new document.')
    createFile(path)
  } else refuseOdd(found, 'path: this')
  for (const suffix of ['-wal', '-shm', '-journal']) {
    const side = lstatSync(path + suffix, { bigint: true, throwIfNoEntry: false })
    if (side !== undefined) refuseOdd(side, `path: the "${suffix}" file beside this`)
  }
  const stat = found ?? lstatSync(path, { bigint: true })
  if (stat.size > 0n) checkHeader(path, Number(stat.size))
  // A new file, and one that a crash left empty, are Hallpass's to shape.
  return {
    file: { path, device: String(stat.dev), inode: String(stat.ino) },
    created: stat.size === 0n && options.create === true,
  }
}

/** Whether the path still leads to the file that was pinned. */
export function samePinned({ path, device, inode }: PinnedFile): boolean {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stat !== undefined && stat.isFile() && String(stat.dev) === device && String(stat.ino) === inode
}

function folderOf(path: string): string {
  const real = realFolder(dirname(path))
  if (statSync(real, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw refused('path: the folder of this file does not exist.')
  return real
}

function realFolder(folder: string): string {
  try {
    // The native one also gives the letters their true case where the file system ignores it.
    return realpathSync.native(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error) return resolve(folder)
    throw error
  }
}

function inside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path
}

function refuseOdd(stat: BigIntStats, what: string): void {
  if (stat.isSymbolicLink()) throw refused(`${what} is a symbolic link. Give the path of the file itself.`)
  if (!stat.isFile()) throw refused(`${what} is not a regular file.`)
  if (stat.nlink > 1n) throw refused(`${what} has more than one name (hard links) and cannot be a document.`)
}

function createFile(path: string): void {
  try {
    closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, 0o600))
  } catch (error) {
    throw new HallpassError('INVALID_REQUEST', 'path: the file cannot be created there.', { cause: error })
  }
}

/** SQLite reads a file that was cut short without complaint and invents NULLs: the header says how long it must be. */
function checkHeader(path: string, size: number): void {
  const header = Buffer.alloc(HEADER_BYTES)
  let read: number
  try {
    const handle = openSync(path, constants.O_RDONLY)
    try {
      read = readSync(handle, header, 0, HEADER_BYTES, 0)
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    throw new HallpassError('UPSTREAM_ERROR', 'The file of this SQLite document may not be read.', { cause: error })
  }
  if (read < HEADER_BYTES || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') {
    throw new HallpassError('UPSTREAM_ERROR', 'The file of this connection is not a SQLite database.')
  }
  const stored = header.readUInt16BE(16)
  const pageSize = stored === 1 ? 65_536 : stored
  const pages = header.readUInt32BE(28)
  const counted = header.readUInt32BE(24) === header.readUInt32BE(92)
  if (counted && size < pages * pageSize)
    throw new HallpassError('UPSTREAM_ERROR', 'The SQLite document is damaged: its file was cut short.')
}
