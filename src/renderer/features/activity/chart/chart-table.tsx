import type { ReactNode } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { RequestSummary } from '../../../../contract/request-counts.ts'
import { formatDuration, formatNumber } from '../../../lib/format.ts'
import { spanLabel, stepSpans, type Span } from './chart-shape.ts'
import styles from './chart.module.css'

interface ChartTableProps {
  summary: RequestSummary
  caption: string
  /** Returns a link to the requests of a step. */
  children: (span: Span, label: string) => ReactNode
}

/** The chart's numbers as text, newest first, without steps in which nothing happened. */
export function ChartTable({ summary, caption, children }: ChartTableProps) {
  const spans = stepSpans(summary)
  const rows = summary.steps
    .flatMap((step, index) => {
      const span = spans[index]
      return step.requests > 0 && span !== undefined ? [{ step, span }] : []
    })
    .reverse()
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so it must be focusable
    <div className={styles.table} tabIndex={0} role="region" aria-label={caption}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t`Time`}</th>
            <th scope="col">{t`Requests`}</th>
            <th scope="col">{t`Denied`}</th>
            <th scope="col">{t`Failed`}</th>
            <th scope="col">{t`p95`}</th>
            <th scope="col">{t`Hallpass p95`}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ step, span }) => (
            <tr key={step.at}>
              <th scope="row">{children(span, spanLabel(span))}</th>
              <td>{formatNumber(step.requests)}</td>
              <td>{formatNumber(step.refused)}</td>
              <td>{formatNumber(step.failed)}</td>
              <td>{formatDuration(step.p95_ms)}</td>
              <td>{formatDuration(step.ours_p95_ms)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t`Total`}</th>
            <td>{formatNumber(summary.requests)}</td>
            <td>{formatNumber(summary.refused)}</td>
            <td>{formatNumber(summary.failed)}</td>
            <td>{formatDuration(summary.p95_ms)}</td>
            <td>{formatDuration(summary.ours_p95_ms)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  )
}
