import type { RequestRecord } from '../../../contract/records.ts'
import type { Clock } from '../../clock.ts'
import type { RequestQuery, RequestReads } from './request-store.ts'

/** Number of IDs scanned between two checks of the time. Larger if an index skips most of them. */
const SMALLEST_WINDOW = 500
const LARGEST_WINDOW = 16_000
const QUICK_MS = 2

export interface Scan {
  rows: RequestRecord[]
  /** Where to continue. Null at the end of the log. */
  next_before_id: number | null
}

/**
 * Scans backward in bounded time however rare the matches are: one window of IDs after another, until `limit` rows are
 * found or `budgetMs` have passed. `from` means that no older row can match.
 */
export function scanRequests(
  reads: RequestReads,
  query: RequestQuery,
  { limit, budgetMs, from = 0 }: { limit: number; budgetMs: number; from?: number },
  monotonic: Clock['monotonic'],
): Scan {
  const bounds = reads.requestEnds()
  if (bounds === null) return { rows: [], next_before_id: null }
  const lowest = Math.max(bounds.first_id, from)
  const started = monotonic()
  let windowStart = started
  let window = SMALLEST_WINDOW
  const rows: RequestRecord[] = []
  let upper = Math.min(query.before_id ?? Infinity, bounds.last_id + 1)
  while (upper > lowest) {
    const lower = Math.max(lowest, upper - window)
    const found = reads.requestsBetween(query, { from: lower, to: upper, order: 'newest', limit: limit - rows.length })
    rows.push(...found)
    upper = rows.length >= limit ? (rows.at(-1)?.id ?? lower) : lower
    const now = monotonic()
    if (rows.length >= limit || now - started >= budgetMs) break
    window = now - windowStart < QUICK_MS ? Math.min(window * 2, LARGEST_WINDOW) : Math.max(window / 2, SMALLEST_WINDOW)
    windowStart = now
  }
  return { rows, next_before_id: upper > lowest ? upper : null }
}
