import type { Database } from 'better-sqlite3'
import type { RequestRecord } from '../../../contract/records.ts'
import type { RowCount } from '../row-count.ts'
import type { StoreWriters } from '../store.ts'
import { countWriter } from './request-counts.ts'

type RequestWriters = Pick<
  StoreWriters,
  'writeRequests' | 'highestRequestId' | 'pruneRequests' | 'closeInterruptedRequests'
>

/** Rows that one call of pruneRequests deletes at most: a few milliseconds of work. */
const PRUNE_STEP = 1000

export function requestWriters(database: Database, rowCount: RowCount): RequestWriters {
  const countEnded = countWriter(database)
  // OR REPLACE: a batch that is tried again after a failure writes the same rows.
  const insert = database.prepare(
    `INSERT OR REPLACE INTO requests (id, time, request_id, project, token, token_kind, parent, client, transport, method,
       connection, resource, status, code, duration_ms, bytes_in, bytes_out, records)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const complete = database.prepare(
    'UPDATE requests SET status = ?, code = ?, duration_ms = ?, bytes_in = ?, bytes_out = ?, records = ? WHERE id = ?',
  )
  const highest = database
    .prepare<[], number>(
      'SELECT max((SELECT coalesce(max(id), 0) FROM requests), (SELECT coalesce(max(highest_request_id), 0) FROM store_identity))',
    )
    .pluck()
  const rememberHighest = database.prepare('UPDATE store_identity SET highest_request_id = ?')
  const closeOpen = database.prepare<
    [],
    { time: number; project: string | null; connection: string | null; status: number; duration_ms: null }
  >(
    "UPDATE requests SET status = 0, code = 'INTERRUPTED' WHERE status IS NULL RETURNING time, project, connection, status, duration_ms",
  )
  const removeOld = database.prepare(
    `DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE time < ? ORDER BY time LIMIT ${PRUNE_STEP})`,
  )
  const removeLowest = database.prepare(
    'DELETE FROM requests WHERE id IN (SELECT id FROM requests ORDER BY id LIMIT ?)',
  )
  const span = database
    .prepare<[], number>(
      'SELECT (SELECT coalesce(max(id), 0) FROM requests) - (SELECT coalesce(min(id), 1) FROM requests) + 1',
    )
    .pluck()

  /** Ids rise by one, so that the span of ids bounds the number of rows without counting a million of them. */
  function surplus(keep: number): number {
    if ((span.get() as number) <= keep) return 0
    return Math.max(0, rowCount.current() - keep)
  }

  const writeBatch = database.transaction(
    ({ opened, closed }: { opened: RequestRecord[]; closed: RequestRecord[] }) => {
      for (const row of opened) {
        insert.run(
          row.id,
          Date.parse(row.time),
          row.request_id,
          row.project,
          row.token,
          row.token_kind,
          row.parent,
          row.client,
          row.transport,
          row.method,
          row.connection,
          row.resource,
          row.status,
          row.code,
          row.duration_ms,
          row.bytes_in,
          row.bytes_out,
          row.records,
        )
      }
      for (const row of closed)
        complete.run(row.status, row.code, row.duration_ms, row.bytes_in, row.bytes_out, row.records, row.id)
    },
  )
  const prune = database.transaction((before: number, keep: number): number => {
    rememberHighest.run(highest.get())
    const old = removeOld.run(before).changes
    if (old > 0) return old
    const beyond = Math.min(surplus(keep), PRUNE_STEP)
    return beyond === 0 ? 0 : removeLowest.run(beyond).changes
  })

  return {
    // Counted once the transaction stands: one that is rolled back has changed nothing.
    writeRequests(batch) {
      writeBatch(batch)
      rowCount.add(batch.opened.length)
    },
    highestRequestId: () => highest.get() as number,
    pruneRequests(before, keep) {
      const removed = prune(before, keep)
      rowCount.add(-removed)
      return removed
    },
    closeInterruptedRequests: database.transaction(() => {
      const ended = closeOpen.all()
      if (ended.length > 0) countEnded(ended)
      return ended.length
    }),
  }
}
