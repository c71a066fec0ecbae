import { useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { PausedTime, RequestSummary } from '../../../../contract/request-counts.ts'
import { formatNumber } from '../../../lib/format.ts'
import { ChartPlot } from './chart-plot.tsx'
import { countsWithin, spanLabel, type Span } from './chart-shape.ts'
import styles from './chart.module.css'

interface RequestsChartProps {
  summary: RequestSummary & { pauses: readonly PausedTime[] }
  /** Names the time in a sentence: "the last hour". */
  phrase: string
  onOpen: (span: Span, zoom: boolean) => void
}

/** The chart of Activity with its legend, which gives way to the chosen time. */
export function RequestsChart({ summary, phrase, onOpen }: RequestsChartProps) {
  const [chosen, setChosen] = useState<Span | null>(null)
  const counts = chosen === null ? summary : countsWithin(summary, chosen)
  return (
    <figure className={styles.figure} aria-label={phrase === t`today` ? t`Requests today` : t`Requests in ${phrase}`}>
      <ChartPlot
        summary={summary}
        pauses={summary.pauses}
        label={phrase === t`today` ? t`Requests and p95 today` : t`Requests and p95 over ${phrase}`}
        height={112}
        onChoose={setChosen}
        onOpen={onOpen}
      />
      <figcaption className={styles.legend}>
        <Key tone="ok">{t`${formatNumber(counts.requests - counts.refused - counts.failed)} OK`}</Key>
        <Key tone="denied">{t`${formatNumber(counts.refused)} denied`}</Key>
        <Key tone="failed">{t`${formatNumber(counts.failed)} failed`}</Key>
        <Key tone="p95">{t`p95, all`}</Key>
        <Key tone="ours">{t`p95, Hallpass`}</Key>
        <span className={styles.when}>{chosen === null ? phrase : spanLabel(chosen)}</span>
      </figcaption>
    </figure>
  )
}

function Key({ tone, children }: { tone: string; children: React.ReactNode }) {
  return (
    <span className={styles.key} data-tone={tone}>
      <i aria-hidden />
      {children}
    </span>
  )
}
