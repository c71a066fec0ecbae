import type { Database } from 'better-sqlite3'

/** When a connection was used last, in milliseconds since 1970; null for never, or before this column was. */
export function addUseOfConnections(database: Database): void {
  database.exec('ALTER TABLE connections ADD COLUMN last_used_at INTEGER')
}
