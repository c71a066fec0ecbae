import type { Clock } from '../../../clock.ts'
import { BLOCK_ROWS } from '../request-blocks.ts'
import { addToHistogram, bucketOf, type DurationHistogram } from './duration-histogram.ts'
import { endOf } from './request-key-counts.ts'
import type { RequestQuery, ScanReads } from '../request-store.ts'

/** Requests of one step of time. */
export interface Tally {
  requests: number
  denied: number
  failed: number
  durations: DurationHistogram
  ours: DurationHistogram
}

export interface TallyTask {
  query: RequestQuery
  /** Starts of the steps, rising, and the end of the last one. */
  starts: readonly number[]
  to: number
  /** Lowest ID that can match. */
  from: number
  budgetMs: number
}

export interface Tallies {
  steps: Tally[]
  /** The matches are counted from this time on. Null: all of them. */
  reached: number | null
}

/** Number of IDs read between two checks of the time. */
const WINDOW = 16 * BLOCK_ROWS

export function emptyTally(): Tally {
  return { requests: 0, denied: 0, failed: 0, durations: new Map(), ours: new Map() }
}

/** Counts the matches of a filter by step, newest first, until `budgetMs` have passed. */
export function tallyRequests(reads: ScanReads, task: TallyTask, monotonic: Clock['monotonic']): Tallies {
  const { query, starts, to } = task
  const steps = starts.map(emptyTally)
  let oldest = to
  const isComplete = eachWindow(reads, task, monotonic, (lower, upper) => {
    for (const { time, status, duration_ms: duration, ours_ms: ours } of reads.measuresBetween(query, lower, upper)) {
      const step = steps[starts.findLastIndex((start) => start <= time)]
      if (step === undefined || time >= to) continue
      oldest = Math.min(oldest, time)
      const end = endOf(status)
      step.requests += 1
      if (end !== 'ok') step[end] += 1
      if (duration !== null) addToHistogram(step.durations, bucketOf(duration), 1)
      if (ours !== null) addToHistogram(step.ours, bucketOf(ours), 1)
    }
  })
  return { steps, reached: isComplete ? null : oldest }
}

/**
 * Calls `read` with ranges of IDs that can match, newest first, until `budgetMs` have passed. Returns whether it read all
 * of them.
 */
export function eachWindow(
  reads: Pick<ScanReads, 'requestEnds' | 'lastCandidate'>,
  { query, from, budgetMs }: Pick<TallyTask, 'query' | 'from' | 'budgetMs'>,
  monotonic: Clock['monotonic'],
  read: (lower: number, upper: number) => void,
): boolean {
  const bounds = reads.requestEnds()
  if (bounds === null) return true
  const started = monotonic()
  const lowest = Math.max(bounds.first_id, from)
  let upper = Math.min(query.before_id ?? Infinity, bounds.last_id + 1)
  while (upper > lowest) {
    const candidate = reads.lastCandidate(query, upper)
    if (candidate === null || candidate < lowest) return true
    if (monotonic() - started >= budgetMs) return false
    upper = candidate + 1
    const lower = Math.max(lowest, upper - WINDOW)
    read(lower, upper)
    upper = lower
  }
  return true
}
