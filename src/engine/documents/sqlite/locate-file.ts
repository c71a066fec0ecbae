import { closeSync, constants, lstatSync, openSync, readSync, realpathSync, statSync, type BigIntStats } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { HallpassError, invalidRequest } from '../../../contract/errors.ts'
import { isSystemPath, leadsThroughForeignLink } from './path-owners.ts'
import type { PinnedFile } from './worker-messages.ts'

const HEADER_BYTES = 100

/**
 * Finds the file and pins it. Folders on the way can be symbolic links, which are resolved here, once. The file itself can't
 * be one, nor have a second hard link: either would put another file behind the path that the owner saw. Errors about the
 * path have the field `config.path`.
 */
export function locateFile(
  given: string,
  options: { create?: boolean; forbiddenFolder?: string },
): { file: PinnedFile; created: boolean } {
  if (given.trim() === '' || given.includes('\0')) throw pathError('Enter the path of a SQLite file.')
  const requested = resolve(given)
  if (isSystemPath(requested)) throw systemPath()
  if (leadsThroughForeignLink(dirname(requested), process.getuid?.() ?? null))
    throw pathError("The path leads through a link of another user. Enter the file's own path.", 'foreign_link')
  const folder = folderOf(requested)
  if (isSystemPath(folder)) throw systemPath()
  const path = join(folder, basename(requested))
  if (options.forbiddenFolder !== undefined && isInside(path, realFolder(options.forbiddenFolder))) {
    throw pathError("This file is in Hallpass's data folder and can't be a document.")
  }
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (found === undefined) {
    if (options.create !== true) throw pathError('File not found.', 'file_not_found')
    createFile(path)
  } else requirePlainFile(found, 'This file')
  for (const suffix of ['-wal', '-shm', '-journal']) {
    const side = lstatSync(path + suffix, { bigint: true, throwIfNoEntry: false })
    if (side !== undefined) requirePlainFile(side, `The "${suffix}" file next to this file`)
  }
  const stat = found ?? lstatSync(path, { bigint: true })
  if (stat.size > 0n) checkHeader(path, Number(stat.size))
  // A new file, and one that a crash left empty, get Hallpass's settings.
  return {
    file: { path, device: String(stat.dev), inode: String(stat.ino), owner: String(stat.uid) },
    created: stat.size === 0n && options.create === true,
  }
}

/** Returns whether the path still resolves to the pinned file. */
export function isSameFile({ path, device, inode }: PinnedFile): boolean {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stat !== undefined && stat.isFile() && String(stat.dev) === device && String(stat.ino) === inode
}

function folderOf(path: string): string {
  const real = realFolder(dirname(path))
  if (statSync(real, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw pathError("The folder of this file doesn't exist.")
  return real
}

function realFolder(folder: string): string {
  try {
    // The native one also returns the true case of letters where the file system ignores it.
    return realpathSync.native(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error) return resolve(folder)
    throw error
  }
}

function isInside(path: string, folder: string): boolean {
  const rest = relative(folder, path)
  return rest !== '..' && !rest.startsWith(`..${sep}`) && resolve(folder, rest) === path
}

function requirePlainFile(stat: BigIntStats, what: string): void {
  if (stat.isSymbolicLink()) throw pathError(`${what} is a symbolic link. Enter the path of the file itself.`)
  if (!stat.isFile()) throw pathError(`${what} isn't a regular file.`)
  if (stat.nlink > 1n) throw pathError(`${what} has several hard links. Use a file with only one.`)
}

function createFile(path: string): void {
  try {
    closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, 0o600))
  } catch (error) {
    throw pathError("Couldn't create the file. Check the folder's permissions.", 'unusable_file', error)
  }
}

/** Compares a file's size with its header, because SQLite reads a truncated file without an error and invents NULLs. */
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
    throw new HallpassError('UPSTREAM_ERROR', "Hallpass doesn't have permission to read the file.", {
      field: 'config.path',
      cause: error,
    })
  }
  if (read < HEADER_BYTES || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') {
    throw new HallpassError('UPSTREAM_ERROR', "This file isn't a SQLite database.", { field: 'config.path' })
  }
  const stored = header.readUInt16BE(16)
  const pageSize = stored === 1 ? 65_536 : stored
  const pages = header.readUInt32BE(28)
  const counted = header.readUInt32BE(24) === header.readUInt32BE(92)
  if (counted && size < pages * pageSize)
    throw new HallpassError('UPSTREAM_ERROR', 'The SQLite file is damaged (truncated).', { field: 'config.path' })
}

function systemPath(): HallpassError {
  return pathError("A file below /proc, /dev or /sys can't be a document.")
}

/** With this reason, a call on a stored connection knows that its file is at fault, not the request. */
function pathError(sentence: string, reason = 'unusable_file', cause?: unknown): HallpassError {
  return invalidRequest(sentence, 'config.path', { reason, ...(cause === undefined ? {} : { cause }) })
}
