import { useState, type ReactNode } from 'react'
import type { RequestSummary } from '../../../contract/request-counts.ts'
import { formatDuration, formatNumber } from '../../lib/format.ts'
import { callErrorOf } from '../../lib/call-error.ts'
import { ChartPlot } from './chart-plot.tsx'
import { busiestStep, errorShare, stepLabel } from './chart-shape.ts'
import { ChartTable } from './chart-table.tsx'
import { rangeOf, type Range } from './ranges.ts'
import styles from './requests-chart.module.css'
import { useRequestSummary } from './use-request-summary.ts'

export interface RequestsChartProps {
  /** All projects if omitted. */
  project?: string | undefined
  range?: Range
  /** Draws one line of height 30 with bars and numbers, without axes. */
  compact?: boolean
  /** Shows the numbers as a table below the chart. */
  table?: boolean
}

/** Live chart of requests, errors and p95. Announces the step under the pointer or selected with the arrow keys. */
export function RequestsChart({ project, range = '1h', compact = false, table = false }: RequestsChartProps) {
  const { summary, error } = useRequestSummary({ project, range })
  const [chosen, setChosen] = useState<number | null>(null)
  const { phrase } = rangeOf(range)
  if (summary === undefined) {
    const waiting = error === null ? 'Loading…' : callErrorOf(error).sentence
    return (
      <div style={{ minHeight: compact ? 30 : 172, color: 'var(--hp-dim)', fontSize: 13 }} role="status">
        {waiting}
      </div>
    )
  }
  const step = chosen === null ? null : (summary.steps[chosen] ?? null)
  const label = `Requests, errors and p95 over ${phrase}`
  const plot = (
    <ChartPlot
      summary={summary}
      label={label}
      compact={compact}
      chosen={step === null ? null : chosen}
      onChoose={setChosen}
    />
  )
  const readout = (
    <dl className={styles.readout}>
      <Value name="Requests" mark={<rect className={styles.requests} x={2} y={1} width={6} height={9} rx={1} />}>
        {formatNumber((step ?? summary).requests)}
      </Value>
      <Value name="Errors" mark={<path className={styles.errors} d="M5 1l4.5 8.5h-9z" />}>
        {formatNumber((step ?? summary).errors)}
        {!compact &&
          (step ?? summary).errors > 0 &&
          ` · ${errorShare((step ?? summary).requests, (step ?? summary).errors)}`}
      </Value>
      <Value name="p95" mark={<path className={styles.p95} d="M0 7l3-3 3 2 4-5" />}>
        {formatDuration((step ?? summary).p95_ms)}
      </Value>
      <div className={styles.when}>
        <dt hidden>Time</dt>
        <dd style={{ margin: 0 }}>
          {step === null ? phrase : stepLabel(step.at, summary.step_ms, summary.step_ms > 60_000)}
        </dd>
      </div>
    </dl>
  )
  return (
    <figure
      className={compact ? `${styles.figure} ${styles.compact}` : styles.figure}
      aria-label={sentence(summary, phrase)}
    >
      {compact ? (
        <>
          {plot}
          {readout}
        </>
      ) : (
        <>
          {readout}
          {plot}
        </>
      )}
      {table && <ChartTable summary={summary} caption={label} />}
    </figure>
  )
}

function Value({ name, mark, children }: { name: string; mark: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.value}>
      <dt>
        <svg className={styles.key} viewBox="0 0 10 10" aria-hidden focusable="false">
          {mark}
        </svg>
        {name}
      </dt>
      <dd>{children}</dd>
    </div>
  )
}

/** Describes the chart in one sentence for screen readers. */
function sentence(summary: RequestSummary, phrase: string): string {
  const busiest = busiestStep(summary)
  if (busiest === null) return `No requests in ${phrase}.`
  return (
    `${formatNumber(summary.requests)} requests in ${phrase}, ${formatNumber(summary.errors)} of them failed, p95 ${formatDuration(summary.p95_ms)}. ` +
    `Most in ${stepLabel(busiest.at, summary.step_ms, true)}: ${formatNumber(busiest.requests)}.`
  )
}
