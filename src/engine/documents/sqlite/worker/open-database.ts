import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { createSchemaCache, type SchemaCache } from './schema-cache.ts'
import { fileReplaced } from '../document-failure.ts'
import type { PinnedFile } from '../worker-messages.ts'

export interface OpenDatabases {
  /** For Hallpass's own statements. */
  writable(): Database.Database
  /** For reads and callers' SQL: read-only on every level that SQLite has. */
  readable(): Database.Database
  /** What is known about the schema on the reading connection. */
  schema(): SchemaCache
  /** Sets how long statements wait for another program's lock. */
  waitForLocks(ms: number): void
  close(): void
}

/** Opens the pinned file when a job needs it. A path that now resolves to another file is rejected before a byte of it is used. */
export function openDatabases(file: PinnedFile, created: boolean): OpenDatabases {
  let writer: Database.Database | undefined
  let reader: Database.Database | undefined
  let schema: SchemaCache | undefined
  let lockMs = 5_000

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

  const readable = (): Database.Database => (reader ??= open(true))

  return {
    writable: () => (writer ??= open(false)),
    readable,
    schema: () => (schema ??= createSchemaCache(readable())),
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

function requireSameFile({ path, device, inode }: PinnedFile): void {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (stat !== undefined && String(stat.dev) === device && String(stat.ino) === inode) return
  throw fileReplaced()
}
