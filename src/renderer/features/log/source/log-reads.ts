import type { LogEvent } from '../../../../contract/owner-api/log-events.ts'
import type { RequestFilter } from '../../../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../../../contract/records.ts'

/** The calls that the log makes to the engine. */
export interface LogReads {
  follow(filter: RequestFilter, signal: AbortSignal): Promise<AsyncIterable<LogEvent>>
  list(filter: RequestFilter, signal: AbortSignal): Promise<RequestRecord[]>
  scan(filter: RequestFilter, signal: AbortSignal): Promise<{ rows: RequestRecord[]; next_before_id: number | null }>
  bounds(signal: AbortSignal): Promise<{ first_id: number; last_id: number; rows: number } | null>
}
