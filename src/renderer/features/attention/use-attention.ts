import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../lib/api.tsx'

/** Items can end or begin by time alone, such as an expiry. */
const REFETCH_MS = 30_000

/** The open items, most urgent first. */
export function useAttention() {
  const { query } = useApi()
  return useQuery(query.attention.list.queryOptions({ input: { state: 'open' }, refetchInterval: REFETCH_MS }))
}
