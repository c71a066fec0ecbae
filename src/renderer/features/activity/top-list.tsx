import { Button } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { t } from '../../../contract/text/translate.ts'
import type { TopRequests } from '../../../contract/request-counts.ts'
import { useApi } from '../../lib/api.tsx'
import { formatNumber } from '../../lib/format.ts'
import { VIEWER_TIME_ZONE } from '../../lib/now.ts'
import { Loading } from '../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import type { ActivityTime } from './activity-times.ts'
import styles from './activity.module.css'
import { useWhenRowsCame } from './use-when-rows-came.ts'

const MAX_SHOWN = 10
const ALL = 1000
const SERIES = 24

type TopRow = TopRequests['rows'][number]
type TopBy = 'connection' | 'token' | 'client' | 'method' | 'cause'

interface TopListProps {
  title: string
  by: TopBy
  project: string | undefined
  time: ActivityTime
  aside?: ReactNode
  empty: string
  /** Draws a row. `times` are those that its count covers. */
  children: (row: TopRow, times: { since: string; until: string }) => ReactNode
}

/** Names with the most requests in the chosen time: the first ten, or all. */
export function TopList({ title, by, project, time, aside, empty, children }: TopListProps) {
  const { query } = useApi()
  const [all, setAll] = useState(false)
  const { since, until } = time
  const top = useQuery(
    query.requests.top.queryOptions({
      input: {
        by,
        since,
        limit: all ? ALL : MAX_SHOWN,
        time_zone: VIEWER_TIME_ZONE,
        ...(by === 'cause' ? {} : { steps: SERIES }),
        ...(until === undefined ? {} : { until }),
        ...(project === undefined ? {} : { project }),
      },
      placeholderData: keepPreviousData,
    }),
  )
  useWhenRowsCame(top.refetch)
  return (
    <section className={styles.top} aria-labelledby={`top-${by === 'cause' ? 'why' : 'busiest'}`}>
      <div className={styles.head}>
        <h2 id={`top-${by === 'cause' ? 'why' : 'busiest'}`}>{title}</h2>
        {aside}
      </div>
      <Loading query={top} skeleton={<SkeletonRows rows={4} height={36} />}>
        {({ rows, from, to, names }) => (
          <>
            {rows.length === 0 && <p className={styles.none}>{empty}</p>}
            <ol className={styles.list}>
              {rows.map((each) => (
                <li key={JSON.stringify([each.project, each.name])}>{children(each, { since: from, until: to })}</li>
              ))}
            </ol>
            {names > rows.length && (
              <Button size="compact-sm" variant="default" onClick={() => setAll(true)}>
                {t`Show all ${formatNumber(names)}`}
              </Button>
            )}
          </>
        )}
      </Loading>
    </section>
  )
}
