import type { LogEvent } from '../../contract/owner-api/log-events.ts'
import type { RequestFilter } from '../../contract/owner-api/requests-api.ts'
import type { LogReport, RequestRecord } from '../../contract/records.ts'
import type { RequestSummary, TopRequests } from '../../contract/request-counts.ts'
import type { OwnerChange, RequestRefusal, RequestTiming } from '../../contract/request-details.ts'
import type { TopQuery } from './counts/top-requests.ts'
import type { Scan } from '../store/requests/scan-requests.ts'
import type { ExportPiece } from './export-requests.ts'
import type { RepeatedCause } from './recent-requests.ts'

/** Facts about a request when its row is opened, before any upstream is called. */
export interface RequestOpening {
  request_id: string
  transport: RequestRecord['transport']
  method: string
  project?: string | null
  token?: string | null
  token_kind?: RequestRecord['token_kind']
  /** SHA-256 of the token in hex, even if it has expired or was revoked. */
  token_hash?: string | null
  parent?: string | null
  client?: string | null
  connection?: string | null
  resource?: string | null
  /** Permission that the request needs. */
  permission?: string | null
  /** The grant that allowed it, at that time. */
  grant?: string | null
  /** What a denied request needed and what its token had. */
  missing?: string | null
  refusal?: RequestRefusal | null
  token_state?: RequestRecord['token_state']
  token_prefix?: string | null
  /** When the request arrived, on the monotonic clock, if that was before its row. */
  arrived?: number
}

export interface RequestOutcome {
  status: number
  code?: string | null
  bytes_in?: number
  bytes_out?: number
  records?: number
  /** What an action of the owner changed. */
  change?: OwnerChange | null
  /** Parts of the duration, which is their sum. */
  timing?: RequestTiming | null
}

/**
 * An open row. The first `close` counts, later ones do nothing. Duration is measured from the arrival, or else from
 * open, to close.
 */
export interface OpenRequest {
  readonly record: Readonly<RequestRecord>
  close(outcome: RequestOutcome): void
}

export interface RequestLog {
  /** False while rows can't be written. */
  readonly healthy: boolean
  /**
   * Throws LOG_UNAVAILABLE while rows can't be written. In `strict` mode, the row is on disk when this returns,
   * otherwise within 100 ms.
   */
  open(opening: RequestOpening): OpenRequest
  /** Opens and closes a row for a request that was rejected before anything ran. Never throws. */
  rejected(opening: RequestOpening, outcome: RequestOutcome): void
  /**
   * Yields rows that opened or closed, a few times per second, until the signal aborts. A reader that is too slow gets a
   * number instead of rows and never delays the writer.
   */
  follow(filter: RequestFilter, signal: AbortSignal): AsyncIterableIterator<LogEvent>
  /** Tells followers that the payloads of these rows can be read. */
  payloadsStored(ids: readonly number[]): Promise<void>
  /** Writes and counts what is queued. */
  flush(): void
  /** Flushes and stops. */
  close(): void
}

/** Reads of the log. */
export interface RequestHistory {
  /** Newest first. */
  list(filter: RequestFilter): Promise<RequestRecord[]>
  get(id: number): Promise<RequestRecord | null>
  /** Returns the first and last row ID and the number of rows, or null if there is none. */
  bounds(): Promise<{ first_id: number; last_id: number; rows: number } | null>
  /** Like `list`, in bounded time. `next_before_id` is where to continue, or null at the end of the log. */
  scan(filter: RequestFilter): Promise<Scan>
  /** Uses the stored counts, or searches the log for a filter that they don't cover. Times are as in a filter. */
  summary(
    query: Omit<RequestFilter, 'before_id' | 'limit'> & { steps: number; timeZone?: string | undefined },
  ): Promise<RequestSummary>
  /** Returns the names with the most requests, busiest first. */
  top(
    query: Omit<TopQuery, 'sinceMs' | 'untilMs'> & { since: string; until?: string | undefined },
  ): Promise<TopRequests>
  /** Yields rows, oldest first, as they are requested. Throws for an invalid filter before the first. */
  export(
    selection: Omit<RequestFilter, 'before_id' | 'limit'>,
    format: 'jsonl' | 'csv',
    signal: AbortSignal,
  ): AsyncGenerator<ExportPiece, void>
  /** Returns the newest request of each token with one in the last 5 minutes, newest first. */
  activeCallers(): RequestRecord[]
  /** Returns causes of at least 5 denials in 10 minutes, until none occurred for 10 minutes. */
  repeatedCauses(): RepeatedCause[]
  /** Checks the seals of the log. The last report has `done`. */
  verify(signal: AbortSignal): AsyncGenerator<LogReport, void>
  /**
   * Returns the number of requests since a time in milliseconds since 1970. Fast for the start of the day, which is
   * requested repeatedly.
   */
  requestsSince(timeMs: number): Promise<number>
  /** Timestamp (ISO 8601) of the newest request that wasn't an action of the owner. */
  readonly lastRequestAt: string | null
}
