import type { RequestFilter } from '../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../contract/records.ts'
import { statusRange } from '../store/readers/request-conditions.ts'

/** Whether a row passes a filter, as the store's SQL would judge it. `sinceMs` is the filter's `since`, read. */
export function rowMatcher(filter: RequestFilter, sinceMs: number | undefined): (row: RequestRecord) => boolean {
  const statusMatches = filter.status === undefined ? null : statusMatcher(filter.status)
  const sought = filter.text === undefined || filter.text === '' ? null : foldCase(filter.text)
  return (row) =>
    (filter.project === undefined || row.project === filter.project) &&
    (filter.token === undefined || row.token === filter.token || row.parent === filter.token) &&
    (filter.connection === undefined || row.connection === filter.connection) &&
    (filter.method === undefined || row.method === filter.method) &&
    (filter.before_id === undefined || row.id < filter.before_id) &&
    (sinceMs === undefined || Date.parse(row.time) >= sinceMs) &&
    (statusMatches === null || (row.status !== null && statusMatches(row.status))) &&
    (sought === null || searched(row).some((value) => value !== null && foldCase(value).includes(sought)))
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

/** SQLite's LIKE folds the case of ASCII letters only. */
function foldCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
