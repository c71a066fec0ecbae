import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../lib/api.tsx'
import { counted, formatDuration } from '../../lib/format.ts'
import { useHalfMinute } from '../../lib/now.ts'
import { useWhenRowsCame } from './use-request-summary.ts'

/** One line about today, counted from local midnight. */
export function Today() {
  const { query } = useApi()
  const midnight = new Date(useHalfMinute()).setHours(0, 0, 0, 0)
  const today = useQuery(
    query.requests.summary.queryOptions({ input: { since: new Date(midnight).toISOString(), steps: 1 } }),
  )
  useWhenRowsCame(today.refetch)
  if (today.data === undefined) return <>&nbsp;</>
  const { requests, errors, p95_ms } = today.data
  return (
    <span className="hp-tabular">
      Today: {counted(requests, 'request')}, {counted(errors, 'error')}
      {p95_ms === null ? '' : `, p95 ${formatDuration(p95_ms)}`}
    </span>
  )
}
