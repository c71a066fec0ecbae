import type { RequestFilter } from '../../contract/owner-api/requests-api.ts'
import type { LogReport, RequestRecord, RequestSummary } from '../../contract/records.ts'
import type { Scan } from '../store/requests/scan-requests.ts'
import type { ExportPiece } from './export-requests.ts'
import type { TailEvent } from './feed.ts'

/** What is known of a request when its row is opened, before any upstream is called. */
export interface RequestOpening {
  request_id: string
  transport: RequestRecord['transport']
  method: string
  project?: string | null
  token?: string | null
  token_kind?: RequestRecord['token_kind']
  /** SHA-256 of the token, hex; also of one that has expired or was revoked. */
  token_hash?: string | null
  parent?: string | null
  client?: string | null
  connection?: string | null
  resource?: string | null
  /** What the request needs. */
  permission?: string | null
  /** The grant that allowed it, as it was. */
  grant?: string | null
  /** What a denied request needed and what its token held. */
  missing?: string | null
}

export interface RequestOutcome {
  status: number
  code?: string | null
  bytes_in?: number
  bytes_out?: number
  records?: number
}

/** An open row. `close` may be called once; later calls do nothing. Duration is measured from open to close. */
export interface OpenRequest {
  readonly record: Readonly<RequestRecord>
  close(outcome: RequestOutcome): void
}

export interface RequestLog {
  /** Throws LOG_UNAVAILABLE while rows can't be written. In `strict` mode the row is on disk on return, else within 100 ms. */
  open(opening: RequestOpening): OpenRequest
  /** Opens and closes at once: for requests rejected before anything ran. Never throws. */
  refused(opening: RequestOpening, outcome: RequestOutcome): void
  /** Returns rows as they open and close. Ends with the signal. A reader too slow is dropped with an error, never the writer. */
  follow(filter: RequestFilter, signal: AbortSignal): AsyncIterable<RequestRecord>
  /** Writes what is queued. */
  flush(): void
  /** Flushes and stops. */
  close(): void
}

/** What can be read of the log, for those who look at it. */
export interface RequestHistory {
  /** Newest first. */
  list(filter: RequestFilter): Promise<RequestRecord[]>
  get(id: number): Promise<RequestRecord | null>
  /** First and last row number and how many rows; null if there is none. */
  bounds(): Promise<{ first_id: number; last_id: number; rows: number } | null>
  /** Like `list`, in bounded time: `next_before_id` says where to continue, null at the end of the log. */
  scan(filter: RequestFilter): Promise<Scan>
  /** Like `follow`, for a screen: the newest rows a few times per second, and how many were left out. */
  tail(filter: RequestFilter, signal: AbortSignal): AsyncIterable<TailEvent>
  /** From the counts beside the log; `since` as in a filter. */
  summary(query: {
    project?: string | undefined
    connection?: string | undefined
    since: string
    steps: number
  }): Promise<RequestSummary>
  /** Returns the rows oldest first, read piece by piece as they are asked for; throws for a malformed filter before the first. */
  export(
    selection: Omit<RequestFilter, 'before_id' | 'limit'>,
    format: 'jsonl' | 'csv',
    signal: AbortSignal,
  ): AsyncGenerator<ExportPiece, void>
  /** Checks the seals of the log; the last report has `done`. */
  verify(signal: AbortSignal): AsyncGenerator<LogReport, void>
  /** Returns the number of requests since that time, milliseconds since 1970; for the start of a day, asked again and again. */
  requestsSince(timeMs: number): Promise<number>
  /** ISO 8601 timestamp of the newest request that was no action of the owner. */
  readonly lastRequestAt: string | null
}
