import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { requotedTexts } from './double-quotes.ts'
import { createSchemaCache, schemaWatch, type SchemaCache } from './schema/schema-cache.ts'
import { forbiddenName } from './sql-guard.ts'
import { recordWriter, type RecordWriter } from './store-records.ts'
import { sqlTokens } from '../../sql-tokens.ts'
import { fileReplaced } from '../document-failure.ts'
import type { PinnedFile } from '../worker-messages.ts'

export interface OpenDatabases {
  /** For Hallpass's own statements, with these settings, which have no effect inside a transaction. */
  writable(settings?: WriteSettings): Database.Database
  /** Returns the writer of a table on that connection. Only inside a transaction that calls `forgetWriters` if it fails. */
  writer(table: string): RecordWriter
  forgetWriters(): void
  /** For reads and callers' SQL: read-only on every level that SQLite has. */
  readable(): Database.Database
  /**
   * Makes views with texts in double quotes readable by replacing them with single quotes. Returns false if there are
   * none or it was done already.
   */
  requoteViews(): boolean
  /** What is known about the schema on the reading connection. */
  schema(): SchemaCache
  /** Sets how long statements wait for another program's lock. */
  waitForLocks(ms: number): void
  close(): void
}

interface WriteSettings {
  foreignKeys: boolean
  /** A renamed table doesn't rewrite the views and triggers that name it. */
  legacyAlterTable: boolean
}

const MAX_WRITERS = 20

/**
 * Opens the pinned file when a job needs it. If the path now resolves to another file, it is rejected before any of it
 * is read.
 */
export function openDatabases(file: PinnedFile, created: boolean): OpenDatabases {
  let writer: Database.Database | undefined
  let reader: Database.Database | undefined
  let schema: SchemaCache | undefined
  let lockMs = 5_000
  let settings: Partial<WriteSettings> = {}
  const writers = new Map<string, RecordWriter>()
  let refreshWriters: (() => void) | undefined
  /** Schema version for which temporary views with single quotes were created. */
  let requotedAt: number | undefined

  function open(readonly: boolean): Database.Database {
    requireSameFile(file)
    const db = new Database(file.path, { readonly, fileMustExist: true, timeout: lockMs })
    try {
      requireSameFile(file)
      // Views, triggers and generated columns of a hostile file can't use functions with side effects.
      db.pragma('cache_size = -4000')
      db.pragma('trusted_schema = OFF')
      db.pragma('cell_size_check = ON')
      // Sorting stays in memory, which is limited, and off the disk.
      if (readonly) {
        db.pragma('temp_store = MEMORY')
        if (requotedAt !== undefined) requotedAt = createRequotedViews(db)
        db.pragma('query_only = ON')
      } else if (created) {
        db.pragma('journal_mode = WAL')
        db.pragma('synchronous = NORMAL')
      }
      return db
    } catch (error) {
      db.close()
      throw error
    }
  }

  function readable(): Database.Database {
    if (requotedAt !== undefined && reader !== undefined && schemaVersion(reader) !== requotedAt) closeReader()
    return (reader ??= open(true))
  }

  function closeReader(): void {
    reader?.close()
    reader = undefined
    schema = undefined
  }

  function writable(wanted?: WriteSettings): Database.Database {
    const db = (writer ??= open(false))
    if (wanted === undefined) return db
    if (wanted.foreignKeys !== settings.foreignKeys) db.pragma(`foreign_keys = ${wanted.foreignKeys ? 'ON' : 'OFF'}`)
    if (wanted.legacyAlterTable !== settings.legacyAlterTable)
      db.pragma(`legacy_alter_table = ${wanted.legacyAlterTable ? 'ON' : 'OFF'}`)
    settings = wanted
    return db
  }

  return {
    writable,
    writer(table) {
      const db = writable()
      refreshWriters ??= schemaWatch(db, () => writers.clear())
      refreshWriters()
      let known = writers.get(table)
      if (known === undefined) {
        known = recordWriter(db, table)
        if (writers.size >= MAX_WRITERS) writers.clear()
        writers.set(table, known)
      }
      return known
    },
    forgetWriters() {
      // A schema that was rolled back can have the version of another program's next change.
      writers.clear()
      refreshWriters = undefined
    },
    readable,
    requoteViews() {
      if (requotedAt !== undefined || !requotedTexts(readable()).some(({ kind }) => kind === 'view')) return false
      closeReader()
      requotedAt = -1
      return true
    },
    schema() {
      const db = readable()
      return (schema ??= createSchemaCache(db))
    },
    waitForLocks(ms) {
      if (ms === lockMs) return
      lockMs = ms
      for (const db of [reader, writer]) db?.pragma(`busy_timeout = ${ms}`)
    },
    close() {
      reader?.close()
      writer?.close()
    },
  }
}

/** Temporary views take precedence over the file's own in callers' SQL. Returns the schema version they belong to. */
function createRequotedViews(db: Database.Database): number {
  const version = schemaVersion(db)
  for (const { kind, requoted } of requotedTexts(db)) {
    // In temporary views, SQLite trusts functions that it forbids in views of a file.
    if (kind === 'view' && forbiddenName(sqlTokens(requoted) ?? []) === null)
      db.prepare(requoted.replace(/^CREATE\s+VIEW/i, 'CREATE TEMP VIEW')).run()
  }
  return version
}

function schemaVersion(db: Database.Database): number {
  return db.pragma('main.schema_version', { simple: true }) as number
}

function requireSameFile({ path, device, inode }: PinnedFile): void {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (stat !== undefined && String(stat.dev) === device && String(stat.ino) === inode) return
  throw fileReplaced()
}
