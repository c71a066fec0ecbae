import type { RequestFilter } from '../../../contract/owner-api.ts'
import type { RequestRecord } from '../../../contract/records.ts'
import type { OwnerClient } from '../../lib/engine-client.ts'

/** What the log needs of the engine. */
export interface LogReads {
  follow(filter: RequestFilter, signal: AbortSignal): Promise<AsyncIterable<RequestRecord>>
  list(filter: RequestFilter, signal: AbortSignal): Promise<RequestRecord[]>
  scan(filter: RequestFilter, signal: AbortSignal): Promise<{ rows: RequestRecord[]; next_before_id: number | null }>
  bounds(signal: AbortSignal): Promise<{ first_id: number; last_id: number; rows: number } | null>
}

export function logReads({ requests }: OwnerClient): LogReads {
  return {
    follow: (filter, signal) => requests.follow(filter, { signal }),
    list: (filter, signal) => requests.list(filter, { signal }),
    scan: (filter, signal) => requests.scan(filter, { signal }),
    bounds: (signal) => requests.bounds(undefined, { signal }),
  }
}
