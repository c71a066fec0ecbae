import type { Database, Statement } from 'better-sqlite3'
import type { RequestRecord } from '../../../contract/records.ts'
import type { Clock } from '../../clock.ts'
import { statusRange, type StatusesIn } from './request-conditions.ts'
import type { RequestQuery, ScanReads } from './request-store.ts'

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
  let window = SMALLEST_WINDOW
  const rows: RequestRecord[] = []
  let upper = Math.min(query.before_id ?? Infinity, bounds.last_id + 1)
  while (upper > lowest) {
    const candidate = reads.lastCandidate(query, upper)
    upper = Math.max(lowest, candidate === null ? lowest : candidate + 1)
    if (upper === lowest) break
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

/** Filters for one value of an indexed column, and their columns. */
const INDEXED = [
  ['request_id', 'request_id'],
  ['hash', 'token_hash'],
  ['cause', 'cause'],
  ['connection', 'connection'],
  ['method', 'method'],
  ['project', 'project'],
] as const

/**
 * Returns the newest ID below `before` that can match all indexed filters of the query, or null. A scan skips the rows above
 * it, so a filter with few matches makes the scan short, whatever the other filters are.
 */
export function candidateReads(
  database: Database,
  statusesIn: StatusesIn,
): (query: RequestQuery, before: number) => number | null {
  const statements = new Map<string, Statement<[string | number, number], number | null>>()

  function newest(column: string, value: string | number, before: number): number {
    let statement = statements.get(column)
    if (statement === undefined) {
      statement = database
        .prepare<[string | number, number], number | null>(
          `SELECT max(id) FROM requests WHERE ${column} = ? AND id < ?`,
        )
        .pluck()
      statements.set(column, statement)
    }
    return statement.get(value, before) ?? -1
  }

  function newestOf(column: string, values: string | readonly string[], before: number): number {
    return Math.max(-1, ...[values].flat().map((value) => newest(column, value, before)))
  }

  function newestWithStatus(word: string, before: number): number {
    const { from, to, zero } = statusRange(word)
    const statuses = from === to ? [from] : [...(zero ? [0] : []), ...statusesIn(from, to)]
    return Math.max(-1, ...statuses.map((status) => newest('status', status, before)))
  }

  return (query, before) => {
    let candidate = before - 1
    for (const [filter, column] of INDEXED) {
      const value = query[filter]
      if (value !== undefined) candidate = Math.min(candidate, newestOf(column, value, before))
    }
    if (query.status !== undefined) candidate = Math.min(candidate, newestWithStatus(query.status, before))
    const { token } = query
    // A session's requests belong to its parent token too.
    if (token !== undefined)
      candidate = Math.min(candidate, Math.max(newestOf('token', token, before), newestOf('parent', token, before)))
    return candidate < 0 ? null : candidate
  }
}
