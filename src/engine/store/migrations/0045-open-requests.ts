import type { Database } from 'better-sqlite3'

/** Finds rows that a crash left open without reading the whole log at each start. Small: a row is in it while it runs. */
export function indexOpenRequests(database: Database): void {
  database.exec('CREATE INDEX requests_open ON requests (id) WHERE status IS NULL')
}
