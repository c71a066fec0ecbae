import type { Database } from 'better-sqlite3'
import { countWriter } from '../requests/request-counts.ts'

interface Counted {
  time: number
  project: string | null
  connection: string | null
  status: number | null
  duration_ms: number | null
}

/** Number of rows counted at a time, to limit memory use for large logs. */
const SLICE = 50_000

/**
 * Requests, errors and durations per time step. An empty project or connection stands for all of them. Filled from the
 * existing log.
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
  const page = database.prepare<[number, number], Counted & { id: number }>(
    `SELECT id, time, project, connection, status, duration_ms FROM requests
     WHERE id > ? AND status IS NOT NULL ORDER BY id LIMIT ?`,
  )
  const count = countWriter(database)
  for (let rows = page.all(0, SLICE); rows.length > 0; rows = page.all(rows.at(-1)?.id ?? 0, SLICE)) count(rows)
}
