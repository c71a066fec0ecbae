import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, rmSync, statSync } from 'node:fs'
import { dirname, join, posix, resolve, sep } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { replaceByRenameSync } from '../../platform/replace-by-rename.ts'
import { invalidRequest } from '../../contract/errors.ts'
import { FILE_MAGIC } from './open-database.ts'

/** Files of the data folder that belong to a backup, besides the database. A restore writes no other files. */
const SINGLE_FILES = ['vault', 'secrets.sealed', 'log.key']
const FOLDERS = ['openapi', 'documents']
/** A file in a folder, never another folder or a hidden file. */
const PLAIN_NAME = /^(?!\.)[^/\\:\0]{1,255}$/

/** Returns whether a path, with slashes, is one that a backup can contain. */
export function isBackedUp(path: string): boolean {
  const [folder = '', name = '', ...deeper] = path.split('/')
  if (name === '') return SINGLE_FILES.includes(folder)
  return FOLDERS.includes(folder) && PLAIN_NAME.test(name) && deeper.length === 0
}

/**
 * Writes a backup of a data folder that is in use: a copy of the database in which one more table holds the other files.
 * The file is complete or doesn't exist, and only this user can read it. Never overwrites a backup.
 */
export async function backUp(database: Database, home: string, target: string): Promise<{ bytes: number }> {
  if (existsSync(target)) throw invalidRequest('This file already exists. Choose another name.', 'path')
  if (!existsSync(dirname(target))) throw invalidRequest("The folder of this file doesn't exist.", 'path')
  const partial = `${target}.partial`
  try {
    // Removes the file of an interrupted backup, without following a link.
    rmSync(partial, { force: true })
    closeSync(openSync(partial, 'wx', 0o600))
    await database.backup(partial)
    addFiles(partial, home)
    replaceByRenameSync(partial, target)
    return { bytes: statSync(target).size }
  } catch (cause) {
    throw invalidRequest(`Couldn't write the backup (${(cause as NodeJS.ErrnoException).code ?? 'error'}).`, 'path', {
      cause,
    })
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${partial}${suffix}`, { force: true })
  }
}

function addFiles(file: string, home: string): void {
  const copy = new SqliteDatabase(file)
  try {
    copy.pragma('journal_mode = DELETE')
    removePayloads(copy)
    copy.exec('CREATE TABLE backup_files (path TEXT PRIMARY KEY, content BLOB NOT NULL)')
    copy.exec('CREATE TABLE backup_source (documents TEXT NOT NULL)')
    copy.prepare('INSERT INTO backup_source (documents) VALUES (?)').run(join(resolve(home), 'documents', sep))
    const insert = copy.prepare('INSERT INTO backup_files (path, content) VALUES (?, ?)')
    for (const path of filesOf(home)) insert.run(path, contentOf(join(home, path), file))
  } finally {
    copy.close()
  }
}

/** Leaves payloads out, because they must be deleted when their period ends, and nothing deletes them from a backup. */
function removePayloads(copy: Database): void {
  copy.pragma('secure_delete = ON')
  copy.prepare('DELETE FROM request_payloads').run()
}

function filesOf(home: string): string[] {
  const inFolders = FOLDERS.flatMap((folder) =>
    existsSync(join(home, folder)) ? readdirSync(join(home, folder)).map((name) => posix.join(folder, name)) : [],
  )
  return [...SINGLE_FILES, ...inFolders].filter(
    (path) => isBackedUp(path) && !/-(wal|shm|journal)$/.test(path) && isFile(join(home, path)),
  )
}

/** Documents may be in use, so they are copied by SQLite. */
function contentOf(path: string, scratch: string): Buffer {
  if (!isDatabase(path)) return readFileSync(path)
  const copy = `${scratch}.document`
  rmSync(copy, { force: true })
  // SQLite takes an empty file, and would create one that others can read.
  closeSync(openSync(copy, 'w', 0o600))
  const document = new SqliteDatabase(path, { readonly: true })
  try {
    document.prepare('VACUUM INTO ?').run(copy)
    return readFileSync(copy)
  } finally {
    document.close()
    rmSync(copy, { force: true })
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/** A document can have any name. */
function isDatabase(path: string): boolean {
  const start = Buffer.alloc(FILE_MAGIC.length)
  const descriptor = openSync(path, 'r')
  try {
    readSync(descriptor, start)
  } finally {
    closeSync(descriptor)
  }
  return start.toString('latin1') === FILE_MAGIC
}
