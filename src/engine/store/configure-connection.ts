import type { Database } from 'better-sqlite3'

/**
 * Settings of each connection that writes to the database. `pageLimit` is its largest size in pages; beyond it, writes fail as on
 * a full disk.
 */
export function configureConnection(database: Database, pageLimit: number | undefined): void {
  database.pragma('trusted_schema = OFF')
  database.pragma('foreign_keys = ON')
  // What is deleted is overwritten, so that no payload stays in a free page, or in a backup of it.
  database.pragma('secure_delete = ON')
  database.pragma('cell_size_check = ON')
  const mode = database.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal') throw new Error(`journal mode is ${String(mode)}`)
  database.pragma('synchronous = FULL')
  database.pragma('journal_size_limit = 16777216')
  if (pageLimit !== undefined) database.pragma(`max_page_count = ${pageLimit}`)
}
