import type { Database } from 'better-sqlite3'
import { countWriter, type CountedRow } from '../requests/counts/request-counts.ts'

/** Number of rows counted at a time, to limit memory use for large logs. */
const SLICE = 50_000

/**
 * Counts denied and failed requests separately, the part of their time that Hallpass took, and requests by connection,
 * token, client, method and cause. Everything is counted again from the log, because the earlier counts don't contain that.
 */
export function countRequestKeys(database: Database): void {
  database.exec(`
    DROP TABLE request_counts;
    CREATE TABLE request_counts (
      step INTEGER NOT NULL,
      at INTEGER NOT NULL,
      project TEXT NOT NULL,
      connection TEXT NOT NULL,
      requests INTEGER NOT NULL,
      denied INTEGER NOT NULL,
      failed INTEGER NOT NULL,
      durations BLOB NOT NULL,
      ours BLOB NOT NULL,
      PRIMARY KEY (step, at, project, connection)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE request_keys (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      project TEXT NOT NULL,
      name TEXT NOT NULL,
      UNIQUE (kind, project, name)
    ) STRICT;
    CREATE TABLE request_key_counts (
      kind INTEGER NOT NULL,
      step INTEGER NOT NULL,
      at INTEGER NOT NULL,
      key INTEGER NOT NULL,
      requests INTEGER NOT NULL,
      denied INTEGER NOT NULL,
      failed INTEGER NOT NULL,
      last_id INTEGER NOT NULL,
      PRIMARY KEY (kind, step, at, key)
    ) STRICT, WITHOUT ROWID;
  `)
  countAllRequests(database)
}

/** Fills the empty tables of counts from the log. */
export function countAllRequests(database: Database): void {
  const newest = database.prepare<[], number | null>('SELECT max(time) FROM requests').pluck().get() ?? 0
  const page = database.prepare<[number, number], CountedRow>(
    `SELECT id, time, project, token, token_kind, parent, client, transport, method, connection, status, cause, duration_ms,
       iif(checks_ms IS NULL, NULL, checks_ms + coalesce(reply_ms, 0)) AS ours_ms
     FROM requests WHERE id > ? AND status IS NOT NULL ORDER BY id LIMIT ?`,
  )
  const count = countWriter(database)
  for (let rows = page.all(0, SLICE); rows.length > 0; rows = page.all(rows.at(-1)?.id ?? 0, SLICE)) count(rows, newest)
}
