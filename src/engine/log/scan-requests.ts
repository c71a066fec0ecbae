import type { RequestFilter } from '../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../contract/records.ts'
import type { Store } from '../store/store.ts'

/** Row numbers looked at between two looks at the time: more of them where an index passes most over. */
const SMALLEST_WINDOW = 500
const LARGEST_WINDOW = 8000
const QUICK_MS = 1
/** A scan ends with the window in which this many milliseconds are over: requests are served in between. */
const BUDGET_MS = 8

export interface Scan {
  rows: RequestRecord[]
  next_before_id: number | null
}

/** Newest first, in bounded time however rare the matches: window after window of row numbers, never one long search. */
export function scanRequests(store: Store, filter: RequestFilter & { since_ms?: number }, limit: number): Scan {
  const bounds = store.read.requestEnds()
  if (bounds === null) return { rows: [], next_before_id: null }
  const started = performance.now()
  let windowStart = started
  let window = SMALLEST_WINDOW
  const rows: RequestRecord[] = []
  let upper = Math.min(filter.before_id ?? Infinity, bounds.last_id + 1)
  while (upper > bounds.first_id) {
    const lower = Math.max(bounds.first_id, upper - window)
    const found = store.read.requestsBetween(filter, {
      from: lower,
      to: upper,
      order: 'newest',
      limit: limit - rows.length,
    })
    rows.push(...found)
    upper = rows.length >= limit ? (rows.at(-1)?.id ?? lower) : lower
    const now = performance.now()
    if (rows.length >= limit || now - started >= BUDGET_MS) break
    // Times rise with row numbers but for clocks set back, and by less than a window of rows then.
    if (
      filter.since_ms !== undefined &&
      found.length === 0 &&
      store.read.allBefore(filter.since_ms, lower, lower + SMALLEST_WINDOW)
    )
      return { rows, next_before_id: null }
    window = now - windowStart < QUICK_MS ? Math.min(window * 2, LARGEST_WINDOW) : Math.max(window / 2, SMALLEST_WINDOW)
    windowStart = now
  }
  return { rows, next_before_id: upper > bounds.first_id ? upper : null }
}
