import type { Database } from 'better-sqlite3'

/**
 * Requests, errors and durations per time step. An empty project or connection stands for all of them. A later
 * version counts the existing log.
 */
export function createRequestCounts(database: Database): void {
  database.exec(`
    CREATE TABLE request_counts (
      step INTEGER NOT NULL,
      at INTEGER NOT NULL,
      project TEXT NOT NULL,
      connection TEXT NOT NULL,
      requests INTEGER NOT NULL,
      errors INTEGER NOT NULL,
      durations BLOB NOT NULL,
      PRIMARY KEY (step, at, project, connection)
    ) STRICT, WITHOUT ROWID;
  `)
}
