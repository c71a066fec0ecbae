import type { Database } from 'better-sqlite3'

/** An index to find a request by its ID. The IDs that Hallpass creates rise with time, so the index grows at its end. */
export function indexRequestIds(database: Database): void {
  database.exec('CREATE INDEX requests_by_request_id ON requests (request_id, id)')
}
