import type { RequestQuery } from '../store/requests/request-store.ts'

/**
 * Returns whether one index finds the rows without skipping others, so that a page is fast however large the log is.
 */
export function isIndexed(query: RequestQuery): boolean {
  if ((query.text !== undefined && query.text !== '') || query.contains !== undefined) return false
  const { client, permission, code, slower_than_ms: slower, owner_actions: actions = 'with' } = query
  if ([client, permission, code, slower].some((value) => value !== undefined) || actions !== 'with') return false
  if (Array.isArray(query.token) || Array.isArray(query.connection)) return false
  const filters = [
    query.request_id,
    query.hash,
    query.cause,
    query.token,
    query.status,
    query.connection,
    query.method,
    query.project,
  ]
  return filters.filter((value) => value !== undefined).length <= 1
}
