import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../../lib/api.tsx'
import { formatNumber } from '../../lib/format.ts'
import styles from './activity.module.css'
import { rangeOf, type Range } from './ranges.ts'
import { useWhenRowsCame } from './use-request-summary.ts'

const MAX_SHOWN = 5

/** The most used connections in the selected range, each with a link to its rows. */
export function Busiest({ range }: { range: Range }) {
  const { query } = useApi()
  const busiest = useQuery(
    query.requests.top.queryOptions({ input: { by: 'connection', since: range, limit: MAX_SHOWN } }),
  )
  useWhenRowsCame(busiest.refetch)
  const rows = (busiest.data?.rows ?? []).flatMap(({ name, ...row }) => (name === null ? [] : [{ ...row, name }]))
  if (rows.length === 0) return null
  const max = rows[0]?.requests ?? 1
  return (
    <section className={styles.busiest} aria-labelledby="busiest-heading">
      <h2 id="busiest-heading">Busiest connections · {rangeOf(range).phrase}</h2>
      <ol>
        {rows.map(({ name, requests, errors }) => (
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
