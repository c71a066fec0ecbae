import type { RequestFilter } from '../../../contract/owner-api/requests-api.ts'
import type { LogReport, RequestRecord } from '../../../contract/records.ts'
import type { SealedRow } from './log-chain.ts'
import type { CountSpan, StoredCount } from './request-counts.ts'
import type { Scan } from './scan-requests.ts'

/** A filter whose times are read: milliseconds since 1970. `from_id`: no older row can match. */
export type RequestQuery = RequestFilter & { since_ms?: number; until_ms?: number; from_id?: number }

export interface RequestSpan {
  from: number
  to: number
  order: 'newest' | 'oldest'
  limit: number
}

/** What one connection to the database reads of the request log. */
export interface RequestReads {
  /** Newest first. */
  requests(query: RequestQuery): RequestRecord[]
  request(id: number): RequestRecord | null
  /** Returns those that match among the row numbers `from` ≤ id < `to`: the work is bounded by that span. */
  requestsBetween(query: RequestQuery, span: RequestSpan): RequestRecord[]
  /** First and last row number; null if there is no row. */
  requestEnds(): { first_id: number; last_id: number } | null
  /** Whether there are rows in that span and every one of them is older. */
  allBefore(timeMs: number, from: number, to: number): boolean
}

type Asynchronous<T> = {
  [K in keyof T]: T[K] extends (...values: infer V) => infer R ? (...values: V) => Promise<R> : never
}

/**
 * The request log's table. Reads are asynchronous, because a store may answer them from another thread or machine. Batches
 * are on disk when `write` returns, and when they are written is the log's decision.
 */
export interface RequestStore extends Asynchronous<RequestReads> {
  requestBounds(): Promise<{ first_id: number; last_id: number; rows: number } | null>
  /** Returns row numbers between which all rows of those times lie, so that a search can leave out the rest. */
  idsWithin(sinceMs: number | undefined, untilMs: number | undefined): Promise<{ from: number; to: number }>
  /** Scans backward on another thread, so that nobody waits for it. */
  scan(query: RequestQuery, scan: { limit: number; budgetMs: number; from: number }): Promise<Scan>
  requestCounts(span: CountSpan): Promise<StoredCount[]>
  /** Rows with the batch and the hash that seal them, oldest first. */
  sealedBetween(query: RequestQuery, span: RequestSpan): Promise<SealedRow[]>
  /** Checks every seal of the log, step by step. */
  verify(signal: AbortSignal): AsyncGenerator<LogReport, void>
  /** Inserts opened rows, completes closed ones and seals those that ended, in one transaction. `id` is chosen by the log. */
  write(batch: { opened: RequestRecord[]; closed: RequestRecord[] }): void
  /** When the newest request that isn't an action of the owner started; null if there is none among the newest rows. */
  newestTime(): number | null
  /** IDs continue from the highest ever written. */
  highestId(): number
  /**
   * Deletes some of the rows older than `before` or beyond the newest `keep`, and returns how many: call again until 0.
   * Requests without a token have a tenth of `keep` of their own. Never blocks for long.
   */
  prune(before: number, keep: number): Promise<number>
  /** Adds ended requests to the counts; each is to be counted once. */
  count(rows: readonly RequestRecord[]): void
  /** Deletes counts older than `before`, and fine ones that no summary asks for any more. */
  pruneCounts(now: number, before: number): Promise<void>
  /** Closes rows that a crash left open, with status 0 and code INTERRUPTED. Only for the start of the log. */
  closeInterrupted(): number
}
