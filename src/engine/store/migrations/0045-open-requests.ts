import type { Database } from 'better-sqlite3'

/**
 * Finds rows that a crash left open without reading the whole log at each start. The index is small, because it
 * contains only running requests.
 */
export function indexOpenRequests(database: Database): void {
  database.exec('CREATE INDEX requests_open ON requests (id) WHERE status IS NULL')
}
