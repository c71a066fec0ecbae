import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../../lib/api.tsx'
import { formatDuration, formatNumber } from '../../lib/format.ts'
import { useHalfMinute } from '../../lib/now.ts'
import { useWhenRowsCame } from '../activity/use-request-summary.ts'
import { Block, BlockProblem } from './block.tsx'
import styles from './overview.module.css'

/** Counts since local midnight. Each leads to the rows that it counts. */
export function TodayFigures() {
  const { query } = useApi()
  const midnight = new Date(useHalfMinute()).setHours(0, 0, 0, 0)
  const today = useQuery(
    query.requests.summary.queryOptions({ input: { since: new Date(midnight).toISOString(), steps: 1 } }),
  )
  useWhenRowsCame(today.refetch)
  const { data, error } = today
  return (
    <Block title="Today" more={{ label: 'Activity', to: '/activity' }}>
      {data === undefined && error !== null && <BlockProblem error={error} />}
      {data !== undefined && (
        <div className={styles.figures}>
          <Link to="/log" search={{ time: 'today' }}>
            <b>{formatNumber(data.requests)}</b> requests
          </Link>
          <Link to="/log" search={{ time: 'today', status: 'failed' }}>
            <b>{formatNumber(data.errors)}</b> denied or failed
          </Link>
          <span>
            <b>{data.p95_ms === null ? '–' : formatDuration(data.p95_ms)}</b> p95
          </span>
        </div>
      )}
    </Block>
  )
}
