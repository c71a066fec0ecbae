import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../lib/api.tsx'
import { useWhenRowsCame } from '../activity/use-when-rows-came.ts'

/** The newest request of each active caller of the last 5 minutes. */
export function useActiveCallers() {
  const { query } = useApi()
  const active = useQuery(query.requests.active.queryOptions())
  // Several parts of the screen use it, and the request of one serves them all.
  useWhenRowsCame(() => active.refetch({ cancelRefetch: false }))
  return active
}
