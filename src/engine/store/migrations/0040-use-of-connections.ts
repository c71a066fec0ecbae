import type { Database } from 'better-sqlite3'

/** Last use of a connection, in milliseconds since 1970. Null if never, or before this column existed. */
export function addUseOfConnections(database: Database): void {
  database.exec('ALTER TABLE connections ADD COLUMN last_used_at INTEGER')
}
