import type { Database } from 'better-sqlite3'
import type { Clock } from '../../clock.ts'
import { HallpassError } from '../../../contract/errors.ts'
import { writing } from '../write-failure.ts'
import { requestCountReaders, requestCountWriters } from './request-counts.ts'
import { requestReads } from './request-reads.ts'
import type { RequestStore } from './request-store.ts'
import { requestWrites } from './request-writes.ts'
import { scanRequests } from './scan-requests.ts'
import { createSearchThread } from './search-thread.ts'
import { isSound } from './table-check.ts'
import { verifyChain } from './verify-chain.ts'

/**
 * How many row IDs may be out of order by time, because a clock was set back or requests started at the same moment.
 */
const SLACK = 5000

/** Up to this many rows, the log's structure is checked immediately. Larger logs are checked on the thread. */
const QUICK_ROWS = 20_000

export interface EmbeddedRequestStore extends RequestStore {
  /** Checks the structure of the table after a crash. Calls back if it is damaged. */
  onDamage(damaged: () => void): void
  close(): void
}

/** The request log's table in the store's SQLite file. */
export function createRequestStore(
  database: Database,
  file: string,
  key: Buffer,
  clock: Pick<Clock, 'monotonic'>,
): EmbeddedRequestStore {
  const reads = requestReads(database)
  const writes = requestWrites(database, key)
  const counts = { ...requestCountReaders(database), ...requestCountWriters(database) }
  const thread = createSearchThread(file)
  const firstAt = database
    .prepare<[number], number>('SELECT id FROM requests WHERE time >= ? ORDER BY time LIMIT 1')
    .pluck()
  const lastBefore = database
    .prepare<[number], number>('SELECT id FROM requests WHERE time < ? ORDER BY time DESC LIMIT 1')
    .pluck()
  const newest = database
    .prepare<[], number>(
      "SELECT time FROM (SELECT id, time, transport FROM requests ORDER BY id DESC LIMIT 1000) WHERE transport <> 'control' ORDER BY id DESC LIMIT 1",
    )
    .pluck()
  const sealsOf = database.prepare<[number], { batch: number; hash: string }>(
    'SELECT batch, hash FROM log_seals WHERE batch = ?',
  )
  const sealOf = database.prepare<[number], number | null>('SELECT seal FROM requests WHERE id = ?').pluck()

  return {
    requests: async (query) => reads.requests(query),
    request: async (id) => reads.request(id),
    requestsBetween: async (query, span) => reads.requestsBetween(query, span),
    requestEnds: async () => reads.requestEnds(),
    allBefore: async (timeMs, from, to) => reads.allBefore(timeMs, from, to),
    async requestBounds() {
      const ends = reads.requestEnds()
      return ends === null ? null : { ...ends, rows: writes.rowCount() }
    },
    async idsWithin(sinceMs, untilMs) {
      const from = sinceMs === undefined ? 0 : (firstAt.get(sinceMs) ?? Number.MAX_SAFE_INTEGER)
      const to = untilMs === undefined ? Number.MAX_SAFE_INTEGER : (lastBefore.get(untilMs) ?? 0)
      return { from: Math.max(0, from - SLACK), to: Math.min(Number.MAX_SAFE_INTEGER, to + SLACK) }
    },
    async scan(query, scan) {
      try {
        return await thread.scan({ query, ...scan })
      } catch (thrown) {
        if (thrown instanceof HallpassError) throw thrown
        // If the thread fails, the search continues here in shorter steps.
        return scanRequests(reads, query, { ...scan, budgetMs: Math.min(scan.budgetMs, 8) }, clock.monotonic)
      }
    },
    requestCounts: async (span) => [...counts.requestCounts(span)],
    countsByConnection: async (span) => counts.countsByConnection(span),
    async sealedBetween(query, span) {
      return reads.requestsBetween(query, span).map((row) => {
        const batch = sealOf.get(row.id) ?? null
        return { ...row, batch, chain: batch === null ? null : (sealsOf.get(batch)?.hash ?? null) }
      })
    },
    verify: (signal) => verifyChain(database, key, signal),
    newestTime: () => newest.get() ?? null,
    write: (batch) => writing(() => writes.write(batch)),
    highestId: () => writes.highestId(),
    prune: async (before, keep) => writing(() => writes.prune(before, keep)),
    count: (rows) => writing(() => counts.countRequests(rows)),
    pruneCounts: async (now, before) => writing(() => counts.pruneRequestCounts(now, before)),
    closeInterrupted: () => writing(() => writes.closeInterrupted()),
    onDamage(damaged) {
      const ends = reads.requestEnds()
      if (ends === null) return
      if (ends.last_id - ends.first_id < QUICK_ROWS) {
        if (!isSound(database)) damaged()
        return
      }
      thread
        .check()
        .then((sound) => (sound ? undefined : damaged()))
        // The thread ended with the engine, or the mark couldn't be written. The next start checks again.
        .catch(() => undefined)
    },
    close: () => void thread.close(),
  }
}
