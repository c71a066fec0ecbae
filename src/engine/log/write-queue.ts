import type { RequestRecord } from '../../contract/records.ts'
import type { RequestStore } from '../store/requests/request-store.ts'

/** A row on its way to disk. Its record is completed in place when the request ends. */
export interface Entry {
  record: RequestRecord
  inserted: boolean
}

/** A batch is written this long after its first row came, in milliseconds: half of what the contract allows. */
const BATCH_DELAY = 50
/** …or as soon as it has this many rows. */
const BATCH_ROWS = 500
/** Rows that wait at most while the store takes none. */
const LONGEST_QUEUE = 10_000
/** Time between attempts while the store takes none, in milliseconds. */
const RETRY_DELAY = 250
/** Ended requests are counted this often, in milliseconds: a kill costs the charts a second, and never a row. */
const COUNT_DELAY = 1000

export interface WriteQueue {
  /** False while rows cannot be written, or none can wait any more. */
  readonly healthy: boolean
  /** Takes a new or changed row. Answers false when the queue is full: the row is not kept. */
  add(entry: Entry): boolean
  /** Gives up a row that was never written. */
  drop(entry: Entry): void
  /** Writes all that waits; false when the store did not take it. */
  flush(): boolean
  /** Counts all that ended and is on disk. */
  count(): void
  /** How many rows wait to be counted. */
  readonly uncounted: number
  /** Records that are not on disk yet. */
  waiting(): RequestRecord[]
  /** Why the store took no rows at the last attempt. */
  readonly failure: unknown
  close(): void
}

/** Collects rows into batches: one commit for many rows, where a commit each would cost a hundred times as much. */
export function createWriteQueue(requests: RequestStore): WriteQueue {
  const waiting = new Map<number, Entry>()
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
    // Nothing waits on a broken store to keep the process alive.
    if (failure !== null) timer.unref()
  }

  function unschedule(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }

  function flush(): boolean {
    if (waiting.size === 0 && failure === null) return true
    unschedule()
    const entries = [...waiting.values()]
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
    waiting.clear()
    for (const entry of opened) entry.inserted = true
    for (const { record } of entries) if (record.status !== null) uncounted.push(record)
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
      // Counts are no reason to refuse requests: they are tried again with the next ones, as many as can wait.
      uncounted = uncounted.slice(-LONGEST_QUEUE)
    }
  }

  return {
    get healthy() {
      return failure === null && waiting.size < LONGEST_QUEUE
    },
    get uncounted() {
      return uncounted.length + waiting.size
    },
    get failure() {
      return failure
    },
    add(entry) {
      // The end of a row that is on disk always fits: there are no more of those than requests were let in.
      if (waiting.size >= LONGEST_QUEUE && !waiting.has(entry.record.id) && !entry.inserted) return false
      waiting.set(entry.record.id, entry)
      if (waiting.size >= BATCH_ROWS && failure === null) flush()
      else schedule(failure === null ? BATCH_DELAY : RETRY_DELAY)
      return true
    },
    drop(entry) {
      waiting.delete(entry.record.id)
    },
    flush,
    count,
    waiting: () => [...waiting.values()].map((entry) => entry.record),
    close() {
      flush()
      closed = true
      count()
      unschedule()
    },
  }
}
