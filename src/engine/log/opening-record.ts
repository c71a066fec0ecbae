import type { RequestRecord } from '../../contract/records.ts'
import type { RequestRefusal } from '../../contract/request-details.ts'
import { cleanOrNull, cleanText } from '../text/clean-text.ts'
import type { RequestOpening } from './request-log.ts'

/** Returns the row of a request that has just started. Texts from callers are sanitized, because people read them. */
export function openingRecord(id: number, time: string, opening: RequestOpening): RequestRecord {
  return {
    id,
    time,
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
    token_state: opening.token_state ?? null,
    token_prefix: opening.token_prefix ?? null,
    refusal: opening.refusal == null ? null : cleanRefusal(opening.refusal),
    status: null,
    code: null,
    cause: null,
    duration_ms: null,
    timing: null,
    bytes_in: 0,
    bytes_out: 0,
    records: 0,
    change: null,
    has_payload: false,
  }
}

function cleanRefusal({ reason, needed, held, sentence }: RequestRefusal): RequestRefusal {
  return {
    reason,
    needed: cleanText(needed),
    held: held.map((grant) => cleanText(grant)),
    sentence: cleanText(sentence),
  }
}
