import type { Database } from 'better-sqlite3'

/** Finds a request by the ID that its caller has. IDs of Hallpass rise with time, so that the index grows at its end. */
export function indexRequestIds(database: Database): void {
  database.exec('CREATE INDEX requests_by_request_id ON requests (request_id, id)')
}
