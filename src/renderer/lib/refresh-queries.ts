import type { Query, QueryClient, QueryKey } from '@tanstack/react-query'

/**
 * Returns a function that refetches the active queries of a key. Each query is fetched once at a time. A change during
 * a fetch causes another one afterward, so no change is missed and a slow query doesn't delay others. Queries whose meta
 * says `asksUpstream` are left out: each would be a call to a document, as often as anything changes.
 */
export function createRefresh(queries: QueryClient): (queryKey: QueryKey) => void {
  const changedDuringRead = new Map<string, boolean>()

  function read(query: Query): void {
    const { queryHash, queryKey } = query
    if (changedDuringRead.has(queryHash)) {
      changedDuringRead.set(queryHash, true)
      return
    }
    changedDuringRead.set(queryHash, false)
    void queries.invalidateQueries({ queryKey, exact: true }).finally(() => {
      const changed = changedDuringRead.get(queryHash) === true
      changedDuringRead.delete(queryHash)
      if (changed) read(query)
    })
  }

  return (queryKey) => {
    for (const query of queries
      .getQueryCache()
      .findAll({ queryKey, predicate: ({ meta }) => meta?.['asksUpstream'] !== true }))
      read(query)
  }
}
