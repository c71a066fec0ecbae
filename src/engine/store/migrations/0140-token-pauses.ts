import type { Database } from 'better-sqlite3'

/** Whether the owner paused a single token. */
export function addTokenPauses(database: Database): void {
  database.exec('ALTER TABLE tokens ADD COLUMN paused INTEGER NOT NULL DEFAULT 0')
}
