import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { rich } from '../../lib/rich.ts'
import { plural, t } from '../../../contract/text/translate.ts'
import type { RequestSummary } from '../../../contract/request-counts.ts'
import { useApi } from '../../lib/api.tsx'
import { formatDuration, formatNumber, formatShort } from '../../lib/format.ts'
import { useMidnight, VIEWER_TIME_ZONE } from '../../lib/now.ts'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { Sparkline } from '../../ui/sparkline.tsx'
import { useWhenRowsCame } from '../activity/use-when-rows-came.ts'
import type { LogFilter } from '../log/log-filter.ts'
import { Block, BlockContent } from './block.tsx'
import styles from './overview.module.css'

const HOURS = 25
/** One pixel of each hour's two is a bar. All four figures fit a line of 844 px. */
const SPARK_WIDTH = 50

/** Counts since the viewer's midnight, shared by the parts of the screen. */
export function useToday() {
  const { query } = useApi()
  const input = { since: useMidnight(), steps: HOURS, time_zone: VIEWER_TIME_ZONE }
  const today = useQuery(query.requests.summary.queryOptions({ input }))
  useWhenRowsCame(() => today.refetch({ cancelRefetch: false }))
  return today
}

/** The figures of today. Each leads to the rows that it counts. */
export function TodayFigures() {
  const today = useToday()
  return (
    <Block
      title={t`Today`}
      more={[
        { label: t`All writes`, requests: { time: 'today', permission: 'write' } },
        { label: t`Activity`, to: '/activity' },
      ]}
    >
      <BlockContent query={today} skeleton={<SkeletonRows rows={1} height={44} />}>
        {(summary) => <Figures summary={summary} />}
      </BlockContent>
    </Block>
  )
}

function Figures({ summary }: { summary: RequestSummary }) {
  const { requests, refused, failed, p95_ms: p95, ours_p95_ms: ours, steps } = summary
  return (
    <div className={styles.figures}>
      <Figure value={requests} name={t`${plural(requests, 'request', 'requests')}`} search={{ time: 'today' }}>
        <Sparkline width={SPARK_WIDTH} values={steps.map((step) => step.requests)} />
      </Figure>
      <Figure value={refused} name={t`denied`} search={{ time: 'today', status: 'denied' }}>
        <Sparkline width={SPARK_WIDTH} values={steps.map((step) => step.refused)} tone="denied" />
      </Figure>
      <Figure value={failed} name={t`failed`} search={{ time: 'today', status: 'error' }}>
        <Sparkline width={SPARK_WIDTH} values={steps.map((step) => step.failed)} tone="failed" />
      </Figure>
      <span className={styles.figure}>
        {rich`${<b>{p95 === null ? '–' : formatDuration(p95)}</b>} p95`}
        {ours !== null && <span className={styles.less}>{t`Hallpass ${formatDuration(ours)}`}</span>}
      </span>
    </div>
  )
}

interface FigureProps {
  value: number
  name: string
  search: LogFilter
  children: React.ReactNode
}

function Figure({ value, name, search, children }: FigureProps) {
  return (
    <Link
      to="/log"
      search={search}
      className={styles.figure}
      aria-label={`${formatNumber(value)} ${name}`}
      title={t`${plural(value, '# request', '# requests')}`}
    >
      <b>{formatShort(value)}</b> {name}
      {children}
    </Link>
  )
}
