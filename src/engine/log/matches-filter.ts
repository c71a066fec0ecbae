import type { RequestRecord } from '../../contract/records.ts'
import { CONTAINS_FIELDS } from '../../contract/owner-api/contains-fields.ts'
import { statusRange } from '../store/requests/request-conditions.ts'
import type { RequestQuery } from '../store/requests/request-store.ts'

/** Returns a function that matches rows exactly as the store's SQL does. */
export function rowMatcher(filter: RequestQuery): (row: RequestRecord) => boolean {
  const { since_ms: sinceMs, until_ms: untilMs } = filter
  const statusMatches = filter.status === undefined ? null : statusMatcher(filter.status)
  const sought = filter.text === undefined || filter.text === '' ? null : foldCase(filter.text)
  const { owner_actions: actions = 'with', contains } = filter
  const ownerMatches = (row: RequestRecord): boolean =>
    actions === 'with' || (row.transport === 'control') === (actions === 'only')
  const parts = CONTAINS_FIELDS.flatMap((field) => {
    const text = contains?.[field]
    return text === undefined ? [] : [{ field, folded: foldCase(text) }]
  })
  const containsMatches = (row: RequestRecord): boolean =>
    parts.every(({ field, folded }) =>
      [row[field], field === 'token' ? row.parent : null].some(
        (value) => value !== null && foldCase(value).includes(folded),
      ),
    )
  return (row) =>
    (filter.project === undefined || row.project === filter.project) &&
    (filter.token === undefined || isAmong(row.token, filter.token) || isAmong(row.parent, filter.token)) &&
    (filter.hash === undefined || row.token_hash === filter.hash) &&
    (filter.request_id === undefined || row.request_id === filter.request_id) &&
    (filter.cause === undefined || row.cause === filter.cause) &&
    (filter.connection === undefined || isAmong(row.connection, filter.connection)) &&
    (filter.client === undefined || isAmong(row.client, filter.client)) &&
    (filter.permission === undefined || row.permission === filter.permission) &&
    (filter.code === undefined || row.code === filter.code) &&
    (filter.slower_than_ms === undefined || (row.duration_ms ?? -1) > filter.slower_than_ms) &&
    ownerMatches(row) &&
    containsMatches(row) &&
    (filter.method === undefined || row.method === filter.method) &&
    (filter.before_id === undefined || row.id < filter.before_id) &&
    (sinceMs === undefined || Date.parse(row.time) >= sinceMs) &&
    (untilMs === undefined || Date.parse(row.time) < untilMs) &&
    (statusMatches === null || (row.status !== null && statusMatches(row.status))) &&
    (sought === null || searched(row).some((value) => value !== null && foldCase(value).includes(sought)))
}

function isAmong(value: string | null, wanted: string | readonly string[]): boolean {
  return value !== null && (typeof wanted === 'string' ? value === wanted : wanted.includes(value))
}

function statusMatcher(word: string): (status: number) => boolean {
  const { from, to, zero } = statusRange(word)
  return (status) => (status >= from && status <= to) || (zero && status === 0)
}

function searched(row: RequestRecord): (string | null)[] {
  return [
    row.request_id,
    row.project,
    row.token,
    row.parent,
    row.client,
    row.method,
    row.connection,
    row.resource,
    row.code,
  ]
}

/** SQLite's LIKE ignores the case of ASCII letters only. */
function foldCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
