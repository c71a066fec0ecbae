import { useQueries, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../../lib/api.tsx'
import { formatNumber } from '../../lib/format.ts'
import styles from './activity.module.css'
import { rangeOf, type Range } from './ranges.ts'
import { useWhenRowsCame } from './use-request-summary.ts'

/** Limits the number of summaries requested, because each costs a query. */
const MAX_REQUESTED = 40
const MAX_SHOWN = 5

/** The most used connections in the selected range, each with a link to its rows. */
export function Busiest({ range }: { range: Range }) {
  const { query } = useApi()
  const { data: connections } = useQuery(query.connections.list.queryOptions({ input: {} }))
  const counts = useQueries({
    queries: (connections ?? [])
      .slice(0, MAX_REQUESTED)
      .map(({ name }) => query.requests.summary.queryOptions({ input: { connection: name, since: range, steps: 1 } })),
    combine: (results) => ({
      requests: results.map(({ data }) => data?.requests ?? 0),
      errors: results.map(({ data }) => data?.errors ?? 0),
      again: () => {
        for (const { refetch } of results) void refetch()
      },
    }),
  })
  useWhenRowsCame(counts.again)
  const busiest = (connections ?? [])
    .slice(0, MAX_REQUESTED)
    .map(({ name }, index) => ({ name, requests: counts.requests[index] ?? 0, errors: counts.errors[index] ?? 0 }))
    .filter(({ requests }) => requests > 0)
    .sort((one, other) => other.requests - one.requests || one.name.localeCompare(other.name))
    .slice(0, MAX_SHOWN)
  if (busiest.length === 0) return null
  const max = busiest[0]?.requests ?? 1
  return (
    <section className={styles.busiest} aria-labelledby="busiest-heading">
      <h2 id="busiest-heading">Busiest connections · {rangeOf(range).words}</h2>
      <ol>
        {busiest.map(({ name, requests, errors }) => (
          <li key={name}>
            <Link
              to="/activity"
              search={{ connection: name }}
              title={`${formatNumber(requests)} requests, ${formatNumber(errors)} errors`}
            >
              <span className={styles.name}>{name}</span>
              <span className={styles.count}>{formatNumber(requests)}</span>
              <span className={styles.share} aria-hidden style={{ width: `${(requests / max) * 100}%` }} />
            </Link>
          </li>
        ))}
      </ol>
    </section>
  )
}
