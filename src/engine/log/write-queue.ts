import type { RequestRecord } from '../../contract/records.ts'
import type { RequestStore } from '../store/requests/request-store.ts'
import { batchOf, putBack, take, type Entry, type RowBatch } from './row-batch.ts'

/** A batch is written this long after its first row, in milliseconds: half of what the contract allows. */
const BATCH_DELAY = 50
/** … or once it has this many rows. */
const BATCH_ROWS = 500
/** A thread gets at most this many rows at a time. With very long texts, more could exceed its memory or its time. */
const FLIGHT_ROWS = 1000
/** With this many rows behind a batch that is being written, requests wait for it. */
const BACKLOG = 2500
/** Maximum number of rows that wait while the store can't be written. */
const LONGEST_QUEUE = 10_000
/** Time between attempts while the store can't be written, in milliseconds. */
const RETRY_DELAY = 250
/**
 * How often ended requests are counted, in milliseconds. A killed process loses one second of the charts and no rows.
 */
const COUNT_DELAY = 1000
/** A batch with this many ended requests is counted with its rows. Counting fewer takes almost as long. */
const COUNT_ROWS = 100
/**
 * Requests wait for a batch that isn't on disk after this many milliseconds. Without further requests, what was added since it
 * started follows when it ends.
 */
const LATE = 50
/** After this many milliseconds, the log is unavailable until the batch is on disk. */
const STUCK = 1000
/** The end of the log waits this long for it. */
const CLOSING = 5000

/** A batch on its way to disk. */
interface Flight extends RowBatch {
  /** Earlier ended rows that are counted with those of the batch, or null if none are counted. */
  counted: RequestRecord[] | null
  isLate: boolean
  watch: NodeJS.Timeout
}

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

/**
 * Combines rows into batches. One commit per row would cost a hundred times as much. In strict mode requests wait for their
 * row, so nothing is gained by writing it on another thread.
 */
export function createWriteQueue(requests: RequestStore, strict: () => boolean): WriteQueue {
  let waiting: Entry[] = []
  let flight: Flight | null = null
  /** The rest is written as soon as the flight has ended. */
  let isDue = false
  /** The flight failed, so the rest is written here. */
  let isHere = false
  let uncounted: RequestRecord[] = []
  let countTimer: NodeJS.Timeout | null = null
  let isCountDue = false
  let failure: unknown = null
  let timer: NodeJS.Timeout | null = null
  let closed = false

  function schedule(delay: number): void {
    if (timer !== null || closed) return
    timer = setTimeout(() => {
      timer = null
      writeSoon()
    }, delay)
    // A broken store must not keep the process alive.
    if (failure !== null) timer.unref()
  }

  function unschedule(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }

  function writeSoon(): void {
    if (flight !== null) {
      isDue = true
      // Looks again at one that doesn't end.
      if (failure !== null) settled()
      return
    }
    if (failure !== null || isHere || waiting.length === 0 || strict() || !requests.canStart) {
      flush(!strict())
      return
    }
    unschedule()
    const batch = batchOf(waiting.slice(0, FLIGHT_ROWS))
    const { rows, ended } = batch
    const isCounting = isCountDue || ended.length >= COUNT_ROWS || uncounted.length >= BATCH_ROWS
    const counted = isCounting ? uncounted : null
    if (isCounting) uncounted = []
    isCountDue &&= !isCounting
    waiting = waiting.slice(FLIGHT_ROWS)
    isDue = waiting.length > 0
    take(batch)
    const watch = setTimeout(() => {
      started.isLate = true
      started.watch = setTimeout(settled, STUCK - LATE).unref()
    }, LATE).unref()
    const started: Flight = { ...batch, counted, isLate: false, watch }
    flight = started
    requests.start({ ...rows, counted }, (written) => land(started, written))
  }

  function land(landed: Flight, { isWritten = false, isCounted = false }): void {
    const { ended, counted } = landed
    clearTimeout(landed.watch)
    flight = null
    // A timer that was set while it failed doesn't keep the process alive.
    if (failure !== null) unschedule()
    failure = null
    if (!isCounted) uncounted = [...(counted ?? []), ...uncounted].slice(-LONGEST_QUEUE)
    if (isWritten) {
      countLater(isCounted ? [] : ended)
    } else {
      isHere = true
      putBack(landed)
      waiting = [...new Set([...landed.entries, ...waiting])]
    }
    // Not at once: whoever waited for the flight writes next.
    if (isDue || isHere) unschedule()
    if (waiting.length > 0) schedule(isDue || isHere ? 0 : BATCH_DELAY)
    isDue = false
  }

  /** Returns whether nothing is on its way anymore. */
  function settled(): boolean {
    if (flight === null) return true
    requests.settle()
    if (flight === null) return true
    failure = new Error("the log's thread doesn't respond")
    schedule(RETRY_DELAY)
    return false
  }

  function flush(isScheduled = false): boolean {
    if (!settled()) return false
    if (waiting.length === 0 && failure === null) return true
    unschedule()
    const batch = batchOf(waiting)
    try {
      requests.write(batch.rows, isScheduled)
    } catch (thrown) {
      failure = thrown
      schedule(RETRY_DELAY)
      return false
    }
    failure = null
    isHere = false
    isDue = false
    waiting = []
    take(batch)
    countLater(batch.ended)
    if (uncounted.length >= BATCH_ROWS) count()
    return true
  }

  function countLater(ended: readonly RequestRecord[]): void {
    for (const record of ended) uncounted.push(record)
    if (uncounted.length === 0 || closed) return
    countTimer ??= setTimeout(() => {
      countTimer = null
      // The next batch takes them along.
      if (flight === null && (waiting.length === 0 || !requests.canStart)) count()
      else isCountDue = true
    }, COUNT_DELAY).unref()
  }

  function count(): void {
    if (countTimer !== null) clearTimeout(countTimer)
    countTimer = null
    isCountDue = false
    if (uncounted.length === 0) return
    const rows = uncounted
    // A batch that lands meanwhile adds to the next ones.
    uncounted = []
    try {
      requests.count(rows)
    } catch {
      // Requests go on. The counts are retried with the next ones, up to the queue's limit.
      uncounted = [...rows, ...uncounted].slice(-LONGEST_QUEUE)
    }
  }

  const size = (): number => waiting.length + (flight?.entries.length ?? 0)

  return {
    get healthy() {
      return failure === null && size() < LONGEST_QUEUE
    },
    get uncounted() {
      return uncounted.length + size() + (flight?.counted?.length ?? 0)
    },
    get failure() {
      return failure
    },
    add(entry) {
      // The end of a row that is on disk always fits, because their number is bounded by the admitted requests.
      if (size() >= LONGEST_QUEUE && !entry.isWaiting && !entry.inserted) return false
      if (!entry.isWaiting) waiting.push(entry)
      entry.isWaiting = true
      if ((flight?.isLate === true || waiting.length >= BACKLOG) && failure === null) settled()
      if (waiting.length >= BATCH_ROWS && failure === null) writeSoon()
      else schedule(failure === null ? BATCH_DELAY : RETRY_DELAY)
      return true
    },
    drop(entry) {
      waiting = waiting.filter((one) => one !== entry)
      entry.isWaiting = false
    },
    flush: () => flush(),
    count,
    waiting: () => [...(flight?.entries ?? []), ...waiting].map((entry) => entry.record),
    close() {
      requests.settle(CLOSING)
      flush()
      closed = true
      count()
      unschedule()
      if (countTimer !== null) clearTimeout(countTimer)
    },
  }
}
