import type { Database } from 'better-sqlite3'

const QUARTER = 15 * 60_000
const HOUR = 60 * 60_000

/**
 * Converts counts per 10 minutes to counts per 15 minutes, which match the midnights of all time zones. For past hours,
 * the first quarter gets the whole hour, because its parts aren't stored.
 */
export function countQuarterHours(database: Database): void {
  database.prepare('DELETE FROM request_counts WHERE step = ?').run(10 * 60_000)
  // A store from before counting existed has just been counted in quarters.
  const counted = database.prepare('SELECT 1 FROM request_counts WHERE step = ? LIMIT 1').get(QUARTER)
  if (counted !== undefined) return
  database
    .prepare(
      `INSERT INTO request_counts (step, at, project, connection, requests, errors, durations)
       SELECT ?, at, project, connection, requests, errors, durations FROM request_counts WHERE step = ?`,
    )
    .run(QUARTER, HOUR)
}
