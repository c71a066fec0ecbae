import type { Database } from 'better-sqlite3'

/** What a token is for, and the revision that an update must name so that it overwrites no other. */
export function addTokenRevisions(database: Database): void {
  database.exec("ALTER TABLE tokens ADD COLUMN description TEXT NOT NULL DEFAULT ''")
  database.exec('ALTER TABLE tokens ADD COLUMN revision INTEGER NOT NULL DEFAULT 1')
}
