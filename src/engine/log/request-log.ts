import type { RequestFilter } from '../../contract/owner-api.ts'
import type { RequestRecord } from '../../contract/records.ts'

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
}

export interface RequestOutcome { status: number; code?: string | null; bytes_in?: number; bytes_out?: number; records?: number }

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
