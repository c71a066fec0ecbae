import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { plural, t } from '../../../contract/text/translate.ts'
import type { RequestFilter } from '../../../contract/owner-api/requests-api.ts'
import { useApi } from '../../lib/api.tsx'
import { formatMoment, formatNumber } from '../../lib/format.ts'
import { VIEWER_TIME_ZONE } from '../../lib/now.ts'
import { ChartPlot, countsText } from '../activity/chart/chart-plot.tsx'
import { countsWithin, spanLabel, type Span } from '../activity/chart/chart-shape.ts'
import { useWhenRowsCame } from '../activity/use-when-rows-came.ts'
import styles from './log.module.css'

const STEPS = 60

interface LogStripProps {
  request: RequestFilter
  /** Called with exact times to narrow the log to. */
  onZoom: (times: { since: string; until: string }) => void
}

/** The requests of the log's filter over time. A step, or several that are dragged over, narrow the log to their times. */
export function LogStrip({ request, onZoom }: LogStripProps) {
  const { query } = useApi()
  const [chosen, setChosen] = useState<Span | null>(null)
  const summary = useQuery(
    query.requests.summary.queryOptions({
      input: { ...request, steps: STEPS, time_zone: VIEWER_TIME_ZONE },
      placeholderData: keepPreviousData,
      retry: false,
    }),
  )
  useWhenRowsCame(summary.refetch)
  const { data, isPlaceholderData } = summary
  // A filter that the engine rejects is explained by the log itself.
  if (data === undefined) return <div className={styles.strip} aria-hidden />
  const counts = chosen === null ? data : countsWithin(data, chosen)
  return (
    <div className={styles.strip} data-stale={isPlaceholderData || undefined}>
      <div className={styles.stripChart}>
        <ChartPlot
          summary={data}
          label={t`Requests over time. Enter shows those of a step.`}
          height={28}
          compact
          onChoose={setChosen}
          onOpen={({ from, to }) => onZoom({ since: new Date(from).toISOString(), until: new Date(to).toISOString() })}
        />
      </div>
      <p className={styles.stripText} title={countsText(counts)}>
        <span>
          {chosen === null
            ? data.complete
              ? `${formatMoment(data.from)} – ${formatMoment(data.to)}`
              : t`Counted back to ${formatMoment(data.from)}`
            : spanLabel(chosen)}
        </span>
        <span>
          {t`${plural(counts.requests, '# request', '# requests')}, ${formatNumber(counts.refused)} denied, ${formatNumber(counts.failed)} failed`}
        </span>
      </p>
    </div>
  )
}
