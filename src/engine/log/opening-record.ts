import type { RequestRecord } from '../../contract/records.ts'
import { cleanOrNull, cleanText } from '../text/clean-text.ts'
import type { RequestOpening } from './request-log.ts'

/** Returns the row of a request that has just started. Texts from callers are sanitized, because people read them. */
export function openingRecord(id: number, now: number, opening: RequestOpening): RequestRecord {
  return {
    id,
    time: new Date(now).toISOString(),
    request_id: cleanText(opening.request_id),
    project: cleanOrNull(opening.project),
    token: cleanOrNull(opening.token),
    token_kind: opening.token_kind ?? null,
    token_hash: opening.token_hash ?? null,
    parent: cleanOrNull(opening.parent),
    client: cleanOrNull(opening.client),
    transport: opening.transport,
    method: cleanText(opening.method),
    connection: cleanOrNull(opening.connection),
    resource: cleanOrNull(opening.resource),
    permission: opening.permission ?? null,
    grant: cleanOrNull(opening.grant),
    missing: cleanOrNull(opening.missing),
    status: null,
    code: null,
    duration_ms: null,
    bytes_in: 0,
    bytes_out: 0,
    records: 0,
  }
}
