import type { RequestFilter } from '../../../contract/owner-api/requests-api.ts'
import type { LogReport, RequestRecord } from '../../../contract/records.ts'
import type { SealedRow } from './writing/log-chain.ts'
import type { LogWrites } from './writing/log-writer.ts'
import type { CountSpan, StoredCount } from './counts/request-counts.ts'
import type { KeyCount, KeyedRow, KeySpan } from './counts/request-key-counts.ts'
import type { Scan } from './scan-requests.ts'
import type { NameTallies, NameTask } from './counts/tally-names.ts'
import type { Tallies, TallyTask } from './counts/tally-requests.ts'

/** A filter with parsed times in milliseconds since 1970. */
export type RequestQuery = RequestFilter & { since_ms?: number; until_ms?: number }

interface RequestSpan {
  from: number
  to: number
  order: 'newest' | 'oldest'
  limit: number
}

/** Reads of the request log over one database connection. */
interface RequestReads {
  request(id: number): RequestRecord | null
  /** Returns matches with `from` ≤ id < `to`, so that the work is bounded. */
  requestsBetween(query: RequestQuery, span: RequestSpan): RequestRecord[]
  /** Returns the first and last row ID, or null if there is no row. */
  requestEnds(): { first_id: number; last_id: number } | null
}

/** Additional reads for scans. */
export interface ScanReads extends RequestReads {
  /** Returns the newest ID below `before` that can match, or null. */
  lastCandidate(query: RequestQuery, before: number): number | null
  /** Returns the first ID from this time on, or null. */
  idAt(timeMs: number): number | null
  /** Returns what is counted of the matches that have ended, with `from` ≤ id < `to`, newest first. */
  measuresBetween(query: RequestQuery, from: number, to: number): Measures[]
  /** Returns the names of the matches that have ended, with `from` ≤ id < `to`, newest first. */
  namedBetween(query: RequestQuery, from: number, to: number): KeyedRow[]
}

export interface Measures {
  time: number
  status: number
  duration_ms: number | null
  /** The part of the duration that Hallpass took. */
  ours_ms: number | null
}

type Asynchronous<T> = {
  [K in keyof T]: T[K] extends (...values: infer V) => infer R ? (...values: V) => Promise<R> : never
}

/**
 * The request log's table. Reads are asynchronous, because a store may run them on another thread or computer. The log decides
 * when to write, and chooses the IDs.
 */
export interface RequestStore extends Asynchronous<RequestReads>, LogWrites {
  requestBounds(): Promise<{ first_id: number; last_id: number; rows: number } | null>
  /** Returns an ID range that contains all rows of these times, so that a search can skip the rest. */
  idsWithin(sinceMs: number | undefined, untilMs: number | undefined): Promise<{ from: number; to: number }>
  /** Scans backward, for more than a moment on another thread, so that it doesn't delay requests. */
  scan(query: RequestQuery, scan: { limit: number; budgetMs: number; from: number }): Promise<Scan>
  /** Counts the matches of a filter on another thread, in bounded time. */
  tally(task: TallyTask): Promise<Tallies>
  /** The same by name. */
  tallyNames(task: NameTask): Promise<NameTallies>
  requestCounts(span: CountSpan): Promise<StoredCount[]>
  /** Returns the counts of a span by name, in no order. */
  keyCounts(span: KeySpan): Promise<KeyCount[]>
  /** Returns rows, oldest first, with the batch and hash that seal them. */
  sealedBetween(query: RequestQuery, span: RequestSpan): Promise<SealedRow[]>
  /** Checks every seal of the log, in steps. */
  verify(signal: AbortSignal): AsyncGenerator<LogReport, void>
  /**
   * Returns when the newest request that isn't an action of the owner started. Null if there is none among the newest
   * rows.
   */
  newestTime(): number | null
  /** Returns the highest ID ever used, from which IDs continue. */
  highestId(): number
  /**
   * Deletes some of the rows older than `before` or beyond the newest `keep`, and returns how many. Call it until it
   * returns 0. Requests without a token have a separate limit, a tenth of `keep`. Never blocks for long.
   */
  prune(before: number, keep: number): Promise<number>
  /** Adds ended requests to the counts. Each must be counted once. */
  count(rows: readonly RequestRecord[]): void
  /** Deletes counts older than `before`, and fine-grained ones that summaries no longer use. */
  pruneCounts(now: number, before: number): Promise<void>
  /** Closes rows that a crash left open, with status 0 and code INTERRUPTED. Only at the start of the log. */
  closeInterrupted(): number
}
