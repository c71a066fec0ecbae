import { chmodSync, closeSync, existsSync, fsyncSync, lstatSync, mkdirSync, openSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { replaceByRenameSync } from '../../platform/replace-by-rename.ts'
import { HallpassError } from '../../contract/errors.ts'

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600
/** Suffixes of the files that SQLite keeps next to a database. */
const COMPANIONS = ['', '-wal', '-shm']

/** Creates the data folder, or closes an existing one to other users. */
export function prepareFolder(home: string): void {
  failingWith("Couldn't create or open the data folder. Check HALLPASS_HOME and the folder's permissions.", () => {
    makeFolder(resolve(home))
    const found = statSync(home)
    if (!found.isDirectory()) throw new HallpassError('INVALID_REQUEST', 'HALLPASS_HOME is a file. Set it to a folder.')
    const { mode } = found
    // A folder such as /tmp belongs to everybody, and closing it would lock others out. Another user's folder can be
    // changed by that user.
    if ((mode & 0o1000) !== 0 || (process.getuid !== undefined && found.uid !== process.getuid())) {
      throw new HallpassError(
        'INVALID_REQUEST',
        'The data folder belongs to or is writable by other users. Set HALLPASS_HOME to a private folder.',
      )
    }
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') chmodSync(home, FOLDER_MODE)
  })
}

/** Node's `recursive` option hangs if a parent exists but can't contain folders, like /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  if (dirname(path) !== path) makeFolder(dirname(path))
  mkdirSync(path, { mode: FOLDER_MODE })
}

/**
 * Creates the database file if it doesn't exist, so that it is never open to others. Rejects links, which lead
 * elsewhere.
 */
export function prepareDatabaseFile(file: string): void {
  for (const suffix of COMPANIONS) {
    const found = lstatSync(file + suffix, { throwIfNoEntry: false })
    if (found !== undefined && !found.isFile()) {
      throw new HallpassError(
        'INVALID_REQUEST',
        `${basename(file)}${suffix} in the data folder isn't a regular file. Replace it with the real file, or move it away.`,
      )
    }
  }
  failingWith("Couldn't create the database in the data folder. Check the folder's permissions.", () => {
    if (!existsSync(file)) closeSync(openSync(file, 'wx', FILE_MODE))
    closeToOthers(file)
  })
}

/** Sets mode 0600 on a database and its companions. */
export function closeToOthers(file: string): void {
  if (process.platform === 'win32') return
  for (const suffix of COMPANIONS) {
    const found = lstatSync(file + suffix, { throwIfNoEntry: false })
    if (found?.isFile() === true && (found.mode & 0o177) !== 0) chmodSync(file + suffix, FILE_MODE)
  }
}

/** Renames a database with its companions and returns the new name of the main file. Never overwrites a file. */
export function moveAside(file: string, at: number): string {
  const stamp = new Date(at).toISOString().replace(/[:.]/g, '-')
  let target = `${file}.damaged-${stamp}`
  for (let attempt = 2; existsSync(target); attempt += 1) target = `${file}.damaged-${stamp}-${attempt}`
  for (const suffix of COMPANIONS) {
    if (existsSync(file + suffix)) replaceByRenameSync(file + suffix, target + suffix)
  }
  syncFolder(join(file, '..'))
  return basename(target)
}

/** Makes renames in a folder survive a power failure. */
export function syncFolder(folder: string): void {
  // Windows can't open a folder to sync it and doesn't need to.
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Converts a file system error to an error that a person can act on. The cause has the details. */
export function failingWith<T>(sentence: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof HallpassError) throw thrown
    throw new HallpassError('INVALID_REQUEST', sentence, { cause: thrown })
  }
}
