import { closeSync, openSync, readSync, statSync } from 'node:fs'
import SqliteDatabase from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { HallpassError } from '../../contract/errors.ts'
import { configureConnection } from './configure-connection.ts'
import { APPLICATION_ID, migrate, SCHEMA_VERSION } from './migrations/migrate.ts'
import { LARGE_TABLES } from './requests/verify-chain.ts'
import { saysDamaged } from './write-failure.ts'

/** The file can't be trusted. The caller moves it aside. */
export class DamagedFile extends Error {}

/** Set if a background check found damage, so that the next start checks the whole file. */
export const DAMAGED_SETTING = 'database_damaged'

export const FILE_MAGIC = 'SQLite format 3\0'

/** How long a write waits for another program's lock, in milliseconds. */
const BUSY_TIMEOUT = 1000

/**
 * Opens, checks and migrates the database. Throws DamagedFile if it isn't an intact store of Hallpass, and
 * HallpassError if it can't be opened or belongs to a newer version (which leaves it unchanged).
 */
export function openDatabase(file: string, pageLimit: number | undefined): Database {
  return judging(() => {
    inspect(file)
    const database = new SqliteDatabase(file, { timeout: BUSY_TIMEOUT })
    try {
      configureConnection(database, pageLimit)
      check(database, file)
      migrate(database)
      return database
    } catch (thrown) {
      database.close()
      throw thrown
    }
  })
}

/** Checks without writing, because a newer file must not be changed. */
function inspect(file: string): void {
  const start = firstBytes(file)
  if (start.length === 0) return
  // SQLite treats a file with a few stray bytes as empty and overwrites it.
  if (start.toString('latin1') !== FILE_MAGIC) throw new DamagedFile('not a database')
  const database = new SqliteDatabase(file, { readonly: true, timeout: BUSY_TIMEOUT })
  try {
    const version = Number(database.pragma('user_version', { simple: true }))
    const application = Number(database.pragma('application_id', { simple: true }))
    const objects = database.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get()
    if (application !== APPLICATION_ID && (objects !== 0 || version !== 0))
      throw new DamagedFile('not a store of Hallpass')
    if (version > SCHEMA_VERSION) {
      throw new HallpassError(
        'INVALID_REQUEST',
        `This database was created by a newer version of Hallpass (schema ${version}, supported: ${SCHEMA_VERSION}). ` +
          'Install the newer version, or set HALLPASS_HOME to another folder. Nothing was changed.',
      )
    }
  } finally {
    database.close()
  }
}

function firstBytes(file: string): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const start = Buffer.alloc(FILE_MAGIC.length)
    return start.subarray(0, readSync(descriptor, start, 0, start.length, 0))
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Checks everything except the request log, which can have millions of rows and is checked in the background after a
 * crash. SQLite can read a truncated file without an error and invent NULL rows, so the length is compared first.
 */
function check(database: Database, file: string): void {
  const foreign = database
    .prepare<[], number>("SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')")
    .pluck()
    .get()
  // We create neither. In a file that was tampered with, one could undo a revocation.
  if (foreign !== 0) throw new DamagedFile('contains triggers or views')
  if (isTooShort(database, file)) throw new DamagedFile('the file is truncated')
  const tables = database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  const all = tables.includes('settings') && wasFoundDamaged(database)
  const small = tables.filter((name) => !LARGE_TABLES.some((large) => large === name))
  const checked = all || small.length === tables.length ? [null] : small
  for (const name of checked) {
    // The names come from our own schema, and pragmas accept no bound values.
    const verdict = database.pragma(name === null ? 'quick_check(1)' : `quick_check("${name.replaceAll('"', '""')}")`, {
      simple: true,
    })
    if (verdict !== 'ok') throw new DamagedFile('quick_check found faults')
  }
}

function wasFoundDamaged(database: Database): boolean {
  const value = database
    .prepare<[string], string>('SELECT value FROM settings WHERE key = ?')
    .pluck()
    .get(DAMAGED_SETTING)
  return value === 'yes'
}

/** Pages in the write-ahead log may be missing from the file itself. */
function isTooShort(database: Database, file: string): boolean {
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) database.pragma('wal_checkpoint(PASSIVE)')
  const pages = Number(database.pragma('page_count', { simple: true }))
  const size = Number(database.pragma('page_size', { simple: true }))
  return statSync(file).size < pages * size
}

function judging<T>(work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof HallpassError || thrown instanceof DamagedFile) throw thrown
    if (saysDamaged(thrown)) throw new DamagedFile('not readable as a database', { cause: thrown })
    throw new HallpassError(
      'INVALID_REQUEST',
      "Couldn't open the database. Check the permissions of the data folder and that no other program is using it.",
      {
        cause: thrown,
      },
    )
  }
}
