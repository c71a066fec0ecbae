import type { RequestRecord } from '../../contract/records.ts'
import type { RequestStore } from '../store/requests/request-store.ts'

/** A row waiting to be written. Its record is completed in place when the request ends. */
export interface Entry {
  record: RequestRecord
  inserted: boolean
  isWaiting: boolean
}

/** A batch is written this long after its first row, in milliseconds: half of what the contract allows. */
const BATCH_DELAY = 50
/** … or once it has this many rows. */
const BATCH_ROWS = 500
/** Maximum number of rows that wait while the store can't be written. */
const LONGEST_QUEUE = 10_000
/** Time between attempts while the store can't be written, in milliseconds. */
const RETRY_DELAY = 250
/**
 * How often ended requests are counted, in milliseconds. A killed process loses one second of the charts and no rows.
 */
const COUNT_DELAY = 1000

interface WriteQueue {
  /** False while rows can't be written or the queue is full. */
  readonly healthy: boolean
  /** Adds a new or changed row. Returns false, without keeping the row, if the queue is full. */
  add(entry: Entry): boolean
  /** Removes a row that was never written. */
  drop(entry: Entry): void
  /** Writes everything that is waiting. Returns false if the store failed. */
  flush(): boolean
  /** Counts all requests that have ended and are on disk. */
  count(): void
  /** Number of rows to be counted. */
  readonly uncounted: number
  /** Returns the records that aren't on disk yet. */
  waiting(): RequestRecord[]
  /** Why the last write failed. */
  readonly failure: unknown
  close(): void
}

/** Combines rows into batches. One commit per row would cost a hundred times as much. */
export function createWriteQueue(requests: RequestStore): WriteQueue {
  let waiting: Entry[] = []
  let uncounted: RequestRecord[] = []
  let countTimer: NodeJS.Timeout | null = null
  let failure: unknown = null
  let timer: NodeJS.Timeout | null = null
  let closed = false

  function schedule(delay: number): void {
    if (timer !== null || closed) return
    timer = setTimeout(() => {
      timer = null
      flush()
    }, delay)
    // A broken store must not keep the process alive.
    if (failure !== null) timer.unref()
  }

  function unschedule(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }

  function flush(): boolean {
    if (waiting.length === 0 && failure === null) return true
    unschedule()
    const entries = waiting
    const opened = entries.filter((entry) => !entry.inserted)
    const closing = entries.filter((entry) => entry.inserted)
    try {
      requests.write({
        opened: opened.map((entry) => entry.record),
        closed: closing.map((entry) => entry.record),
      })
    } catch (thrown) {
      failure = thrown
      schedule(RETRY_DELAY)
      return false
    }
    failure = null
    waiting = []
    for (const entry of entries) {
      entry.inserted = true
      entry.isWaiting = false
      if (entry.record.status !== null) uncounted.push(entry.record)
    }
    if (uncounted.length >= BATCH_ROWS) count()
    else if (uncounted.length > 0 && !closed) countTimer ??= setTimeout(count, COUNT_DELAY).unref()
    return true
  }

  function count(): void {
    if (countTimer !== null) clearTimeout(countTimer)
    countTimer = null
    if (uncounted.length === 0) return
    try {
      requests.count(uncounted)
      uncounted = []
    } catch {
      // Failed counts don't stop requests. They are retried with the next ones, up to the queue's limit.
      uncounted = uncounted.slice(-LONGEST_QUEUE)
    }
  }

  return {
    get healthy() {
      return failure === null && waiting.length < LONGEST_QUEUE
    },
    get uncounted() {
      return uncounted.length + waiting.length
    },
    get failure() {
      return failure
    },
    add(entry) {
      // The end of a row that is on disk always fits, because their number is bounded by the admitted requests.
      if (waiting.length >= LONGEST_QUEUE && !entry.isWaiting && !entry.inserted) return false
      if (!entry.isWaiting) waiting.push(entry)
      entry.isWaiting = true
      if (waiting.length >= BATCH_ROWS && failure === null) flush()
      else schedule(failure === null ? BATCH_DELAY : RETRY_DELAY)
      return true
    },
    drop(entry) {
      waiting = waiting.filter((one) => one !== entry)
      entry.isWaiting = false
    },
    flush,
    count,
    waiting: () => waiting.map((entry) => entry.record),
    close() {
      flush()
      closed = true
      count()
      unschedule()
    },
  }
}
