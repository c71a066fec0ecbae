import type { Database } from 'better-sqlite3'

/** A token's description, and the revision that an update must name so that it doesn't overwrite another update. */
export function addTokenRevisions(database: Database): void {
  database.exec("ALTER TABLE tokens ADD COLUMN description TEXT NOT NULL DEFAULT ''")
  database.exec('ALTER TABLE tokens ADD COLUMN revision INTEGER NOT NULL DEFAULT 1')
}
