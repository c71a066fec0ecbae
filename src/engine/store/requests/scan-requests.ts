import type { RequestRecord } from '../../../contract/records.ts'
import type { Clock } from '../../clock.ts'
import { BLOCK_ROWS } from './request-blocks.ts'
import type { RequestQuery, ScanReads } from './request-store.ts'

/** Number of IDs scanned between two checks of the time. Larger while rows are read without a gap. */
const LARGEST_WINDOW = 64 * BLOCK_ROWS
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
  reads: ScanReads,
  query: RequestQuery,
  { limit, budgetMs, from = 0 }: { limit: number; budgetMs: number; from?: number },
  monotonic: Clock['monotonic'],
): Scan {
  const bounds = reads.requestEnds()
  if (bounds === null) return { rows: [], next_before_id: null }
  const lowest = Math.max(bounds.first_id, from)
  const started = monotonic()
  let windowStart = started
  let window = BLOCK_ROWS
  const rows: RequestRecord[] = []
  let upper = Math.min(query.before_id ?? Infinity, bounds.last_id + 1)
  while (upper > lowest) {
    const candidate = reads.lastCandidate(query, upper)
    if (candidate === null || candidate < lowest) return { rows, next_before_id: null }
    // After a gap, one block at a time, because the next match may be as far away.
    if (candidate + 1 < upper) window = BLOCK_ROWS
    upper = candidate + 1
    // Windows end where blocks do.
    const lower = Math.max(lowest, Math.ceil(upper / BLOCK_ROWS) * BLOCK_ROWS - window)
    const found = reads.requestsBetween(query, { from: lower, to: upper, order: 'newest', limit: limit - rows.length })
    rows.push(...found)
    upper = rows.length >= limit ? (rows.at(-1)?.id ?? lower) : lower
    const now = monotonic()
    if (rows.length >= limit || now - started >= budgetMs) break
    window = now - windowStart < QUICK_MS ? Math.min(window * 2, LARGEST_WINDOW) : Math.max(window / 2, BLOCK_ROWS)
    windowStart = now
  }
  return { rows, next_before_id: upper > lowest ? upper : null }
}
