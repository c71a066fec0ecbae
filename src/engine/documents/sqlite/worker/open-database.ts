import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { requotedTexts } from './double-quotes.ts'
import { createSchemaCache, type SchemaCache } from './schema/schema-cache.ts'
import { forbiddenName } from './sql-guard.ts'
import { sqlTokens } from '../../sql-tokens.ts'
import { fileReplaced } from '../document-failure.ts'
import type { PinnedFile } from '../worker-messages.ts'

export interface OpenDatabases {
  /** For Hallpass's own statements. */
  writable(): Database.Database
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

/**
 * Opens the pinned file when a job needs it. If the path now resolves to another file, it is rejected before any of it
 * is read.
 */
export function openDatabases(file: PinnedFile, created: boolean): OpenDatabases {
  let writer: Database.Database | undefined
  let reader: Database.Database | undefined
  let schema: SchemaCache | undefined
  let lockMs = 5_000
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

  return {
    writable: () => (writer ??= open(false)),
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
