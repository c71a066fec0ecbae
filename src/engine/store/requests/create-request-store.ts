import type { Database } from 'better-sqlite3'
import { systemClock, type Clock } from '../../clock.ts'
import { writing } from '../write-failure.ts'
import { requestCountReader, requestCountWriters } from './counts/request-counts.ts'
import { keyCountReader } from './counts/request-key-counts.ts'
import type { LogKey } from '../log-key.ts'
import { requestReads } from './request-reads.ts'
import type { RequestQuery, RequestStore } from './request-store.ts'
import { createLogThread } from './writing/log-thread.ts'
import type { SealedRow } from './writing/log-chain.ts'
import { logWriter, threadHangs, type LogWriter } from './writing/log-writer.ts'
import { requestWrites } from './writing/request-writes.ts'
import { scanRequests, type Scan } from './scan-requests.ts'
import type { ScanTask } from './search-messages.ts'
import { createSearchThread } from './search-thread.ts'
import { isSound, verifyChain } from './verify-chain.ts'

/**
 * How many row IDs may be out of order by time, because a clock was set back or requests started at the same moment.
 */
const SLACK = 5000

/** How long a search may hold up everything else. */
const QUICK_SCAN_MS = 8

/** Up to this many rows, the log's structure is checked immediately. Larger logs are checked on the thread. */
const QUICK_ROWS = 20_000

export interface EmbeddedRequestStore extends RequestStore {
  /** Checks the structure of the table after a crash. Calls back if it is damaged. */
  onDamage(damaged: () => void): void
  /** Runs `work` while nothing is written on another thread. */
  alone: LogWriter['alone']
  close(): void
}

export interface RequestStoreOptions {
  /** Largest size of the database in pages. */
  pageLimit?: number | undefined
  /** Where the code of the log's thread is, and from how many milliseconds of waiting per second it is used: 0 is always. For tests. */
  logThread?: { code?: { name: string; from: string }; minWaitMs?: number } | undefined
}

/** The request log's table in the store's SQLite file. */
export function createRequestStore(
  database: Database,
  file: string,
  logKey: Pick<LogKey, 'key' | 'origin'>,
  clock: Pick<Clock, 'monotonic'>,
  { pageLimit, logThread }: RequestStoreOptions = {},
): EmbeddedRequestStore {
  const reads = requestReads(database)
  const writes = requestWrites(database, logKey.key)
  const counts = requestCountWriters(database)
  const requestCounts = requestCountReader(database)
  const keyCounts = keyCountReader(database)
  const thread = createSearchThread(file)
  // On the system's clock, whatever the engine's: a thread that hangs is waited for in real time.
  const writer = logWriter(
    writes,
    createLogThread({ file, pageLimit, key: logKey.key, clock: systemClock, ...logThread }),
    systemClock,
  )
  const newest = database
    .prepare<[], number>(
      "SELECT time FROM (SELECT id, time, transport FROM requests ORDER BY id DESC LIMIT 1000) WHERE transport <> 'control' ORDER BY id DESC LIMIT 1",
    )
    .pluck()
  const sealsOf = database.prepare<[number], { batch: number; hash: string }>(
    'SELECT batch, hash FROM log_seals WHERE batch = ?',
  )
  const anyPayload = database.prepare('SELECT 1 FROM request_payloads LIMIT 1')
  const sealOf = database.prepare<[number], number | null>('SELECT seal FROM requests WHERE id = ?').pluck()
  // In one transaction, because the log's thread may write between two reads.
  const sealedRows = database.transaction((...[query, span]: Parameters<typeof reads.requestsBetween>): SealedRow[] =>
    reads.requestsBetween(query, span).map((row) => {
      const batch = sealOf.get(row.id) ?? null
      return { ...row, batch, chain: batch === null ? null : (sealsOf.get(batch)?.hash ?? null) }
    }),
  )
  let turn = Promise.resolve()

  /** Resolves in a turn of the event loop that no other search has, so that two searches don't delay other work twice as long. */
  function nextTurn(): Promise<void> {
    turn = turn.then(
      () =>
        new Promise((resolve) => {
          setImmediate(resolve)
        }),
    )
    return turn
  }

  /**
   * Writes on this thread, after what is being written on the other. Throws LOG_UNAVAILABLE while it isn't known whether that was
   * written.
   */
  function here<T>(work: () => T): T {
    if (!writer.settle()) throw threadHangs()
    return writing(work)
  }

  /** Searches here while the thread starts, which takes longer than most pages, and on the thread from then on. */
  async function scan(query: RequestQuery, { limit, budgetMs, from }: Omit<ScanTask, 'query'>): Promise<Scan> {
    const started = clock.monotonic()
    const quickly = (rest: RequestQuery, most: number): Scan =>
      scanRequests(reads, rest, { limit: most, budgetMs: Math.min(budgetMs, QUICK_SCAN_MS), from }, clock.monotonic)
    const found = quickly(query, limit)
    if (found.next_before_id !== null && found.rows.length < limit) thread.prepare()
    while (found.next_before_id !== null && found.rows.length < limit) {
      const { isReady } = thread
      if (!isReady) await nextTurn()
      const leftMs = budgetMs - (clock.monotonic() - started)
      if (leftMs <= 0 || !database.open) break
      const below = { ...query, before_id: found.next_before_id }
      const most = limit - found.rows.length
      // If the thread fails, the search continues here.
      const onThread = isReady
        ? await thread.scan({ query: below, limit: most, budgetMs: leftMs, from }).catch(() => null)
        : null
      const more = onThread ?? quickly(below, most)
      found.rows.push(...more.rows)
      found.next_before_id = more.next_before_id
      if (onThread !== null) break
    }
    return found
  }

  return {
    request: async (id) => reads.request(id),
    requestsBetween: async (query, span) => reads.requestsBetween(query, span),
    requestEnds: async () => reads.requestEnds(),
    async requestBounds() {
      const ends = reads.requestEnds()
      return ends === null ? null : { ...ends, rows: writes.rowCount() }
    },
    async idsWithin(sinceMs, untilMs) {
      // Nothing may be that new yet, and rows of the last moments may be out of order.
      const end = reads.requestEnds()?.last_id ?? 0
      const from = sinceMs === undefined ? 0 : (reads.idAt(sinceMs) ?? end)
      const to = untilMs === undefined ? null : reads.idAt(untilMs)
      return { from: Math.max(0, from - SLACK), to: to === null ? Number.MAX_SAFE_INTEGER : to + SLACK }
    },
    scan,
    tally: (task) => thread.tally(task),
    tallyNames: (task) => thread.tallyNames(task),
    requestCounts: async (span) => [...requestCounts(span)],
    keyCounts: async (span) => keyCounts(span),
    sealedBetween: async (query, span) => sealedRows(query, span),
    verify: (signal) => verifyChain(database, logKey, signal),
    newestTime: () => newest.get() ?? null,
    write: (batch, isScheduled) => writing(() => writer.write(batch, isScheduled)),
    get canStart() {
      return writer.canStart
    },
    start: writer.start,
    settle: writer.settle,
    alone: writer.alone,
    highestId: () => writes.highestId(),
    prune: async (before, keep) => here(() => writes.prune(before, keep)),
    count: (rows) => here(() => counts.countRequests(rows)),
    pruneCounts: async (now, before) => here(() => counts.pruneRequestCounts(now, before)),
    closeInterrupted: () => writing(() => writes.closeInterrupted()),
    onDamage(damaged) {
      const ends = reads.requestEnds()
      if (ends === null) return
      if (ends.last_id - ends.first_id < QUICK_ROWS && anyPayload.get() === undefined) {
        if (!isSound(database)) damaged()
        return
      }
      thread
        .check()
        .then((sound) => {
          writer.settle()
          if (!sound) damaged()
        })
        // The thread ended with the engine, or the mark couldn't be written. The next start checks again.
        .catch(() => undefined)
    },
    close() {
      void thread.close()
      writer.close()
    },
  }
}
