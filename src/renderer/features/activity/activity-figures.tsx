import { rich } from '../../lib/rich.ts'
import { plural, t } from '../../../contract/text/translate.ts'
import type { RequestSummary } from '../../../contract/request-counts.ts'
import { formatDuration, formatNumber, formatShort } from '../../lib/format.ts'
import type { LogFilter } from '../log/log-filter.ts'
import styles from './activity.module.css'
import { changeLabel, percent } from './chart/chart-shape.ts'
import { LogLink } from './log-link.tsx'

interface ActivityFiguresProps {
  summary: RequestSummary
  project: string | undefined
  times: LogFilter
}

/** The figures of exactly the chosen time. Each leads to the rows that it counts. */
export function ActivityFigures({ summary, project, times }: ActivityFiguresProps) {
  const { requests, refused, failed, previous, p95_ms: p95, ours_p95_ms: ours } = summary
  const change = previous === null ? null : changeLabel(requests, previous.requests)
  const tiles = [
    { value: requests, name: t`${plural(requests, 'request', 'requests')}`, less: change, search: times },
    { value: refused, name: t`denied`, less: percent(refused, requests), search: { ...times, status: 'denied' } },
    { value: failed, name: t`failed`, less: percent(failed, requests), search: { ...times, status: 'error' } },
  ]
  return (
    <div className={styles.figures}>
      {tiles.map(({ value, name, less, search }) => (
        <LogLink key={name} project={project} search={search} className={styles.tile}>
          <b title={formatNumber(value)}>{formatShort(value)}</b> {name}
          {less !== null && <span className={styles.less}>{less}</span>}
        </LogLink>
      ))}
      <span className={styles.tile}>
        {rich`${<b>{p95 === null ? '–' : formatDuration(p95)}</b>} p95`}
        {ours !== null && <span className={styles.less}>{t`Hallpass ${formatDuration(ours)}`}</span>}
      </span>
    </div>
  )
}
