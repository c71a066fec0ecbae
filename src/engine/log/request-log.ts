import type { RequestFilter } from '../../contract/owner-api/requests-api.ts'
import type { RequestRecord, RequestSummary } from '../../contract/records.ts'
import type { ExportPiece } from './export-requests.ts'
import type { Scan } from './scan-requests.ts'

/** What is known of a request when its row is opened, before any upstream is called. */
export interface RequestOpening {
  request_id: string
  transport: RequestRecord['transport']
  method: string
  project?: string | null
  token?: string | null
  token_kind?: RequestRecord['token_kind']
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
  /** Throws HallpassError LOG_UNAVAILABLE while rows cannot be written. In `strict` mode the row is on disk on return, else within 100 ms. */
  open(opening: RequestOpening): OpenRequest
  /** Opens and closes at once: for requests refused before anything ran. Never throws. */
  refused(opening: RequestOpening, outcome: RequestOutcome): void
  list(filter: RequestFilter): RequestRecord[]
  /** Rows as they open and close. Ends when the signal aborts. A reader too slow is dropped with an error, never the writer. */
  follow(filter: RequestFilter, signal: AbortSignal): AsyncIterable<RequestRecord>
  /** Writes what is queued. */
  flush(): void
  /** Flushes and stops. */
  close(): void
}

/** What can be read of the log, for those who look at it. */
export interface RequestHistory {
  get(id: number): RequestRecord | null
  /** First and last row number and how many rows; null when there is none. */
  bounds(): { first_id: number; last_id: number; rows: number } | null
  /** Like `list`, in bounded time: `next_before_id` says where to go on, null at the end of the log. */
  scan(filter: RequestFilter): Scan
  /** From the counts beside the log; `since` as in a filter. */
  summary(order: {
    project?: string | undefined
    connection?: string | undefined
    since: string
    steps: number
  }): RequestSummary
  /** Oldest first, read piece by piece as it is asked for; throws for a malformed filter before the first. */
  export(
    selection: Omit<RequestFilter, 'before_id' | 'limit'>,
    format: 'jsonl' | 'csv',
    signal: AbortSignal,
  ): AsyncGenerator<ExportPiece, void>
  /** Requests since that instant, milliseconds since 1970; for the start of a day, asked again and again. */
  requestsSince(instantMs: number): number
  /** ISO 8601 instant of the newest request that was no act of the owner. */
  readonly lastRequestAt: string | null
}
