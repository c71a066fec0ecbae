import { closeSync, openSync, readSync, statSync } from 'node:fs'
import SqliteDatabase from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { HallpassError } from '../../contract/errors.ts'
import { APPLICATION_ID, migrate, SCHEMA_VERSION } from './migrations/migrate.ts'
import { saysDamaged } from './write-failure.ts'

/** The file can't be trusted; the opener moves it aside. */
export class DamagedFile extends Error {}

/** Says that a check in the background found the file damaged, so that the next start checks all of it. */
export const DAMAGED_SETTING = 'database_damaged'

const LARGE_TABLE = 'requests'
const FILE_MAGIC = 'SQLite format 3\0'

/** How long a write waits for another program's lock, in milliseconds. */
const BUSY_TIMEOUT = 1000

/**
 * Opens, checks and migrates. Throws DamagedFile for a file that is not a sound store of ours, HallpassError for one of
 * a newer Hallpass, which stays untouched, or one that cannot be opened.
 */
export function openDatabase(file: string, pageLimit: number | undefined): Database {
  return judging(() => {
    inspect(file)
    const database = new SqliteDatabase(file, { timeout: BUSY_TIMEOUT })
    try {
      configure(database, pageLimit)
      check(database, file)
      migrate(database)
      return database
    } catch (thrown) {
      database.close()
      throw thrown
    }
  })
}

/** Looks without writing: a newer file must be left as it is. */
function inspect(file: string): void {
  const start = firstBytes(file)
  if (start.length === 0) return
  // SQLite takes a file of a few stray bytes for an empty one and writes over it.
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

function configure(database: Database, pageLimit: number | undefined): void {
  database.pragma('trusted_schema = OFF')
  database.pragma('foreign_keys = ON')
  database.pragma('cell_size_check = ON')
  const mode = database.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal') throw new Error(`journal mode is ${String(mode)}`)
  database.pragma('synchronous = FULL')
  database.pragma('journal_size_limit = 16777216')
  if (pageLimit !== undefined) database.pragma(`max_page_count = ${pageLimit}`)
}

/**
 * Checks everything but the request log, which may hold millions of rows: that one is checked after a crash, in the
 * background. A truncated file can answer with invented NULL rows and no error, so its length is compared first.
 */
function check(database: Database, file: string): void {
  const foreign = database
    .prepare<[], number>("SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')")
    .pluck()
    .get()
  // We create neither: in a file that was tampered with, one could undo a revoke.
  if (foreign !== 0) throw new DamagedFile('contains triggers or views')
  if (isTooShort(database, file)) throw new DamagedFile('the file is cut off')
  const tables = database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  const all = tables.includes('settings') && wasFoundDamaged(database)
  const checked = all || !tables.includes(LARGE_TABLE) ? [null] : tables.filter((name) => name !== LARGE_TABLE)
  for (const name of checked) {
    // Names come from our own schema; a pragma takes no bound values.
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

/** Pages that are still in the write-ahead log may be missing from the file itself. */
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
