import type { RequestSummary } from '../../../contract/request-counts.ts'
import { formatDuration, formatNumber } from '../../lib/format.ts'
import { stepLabel } from './chart-shape.ts'
import styles from './requests-chart.module.css'

/** The chart's numbers as text, newest first, without steps in which nothing happened. */
export function ChartTable({ summary, caption }: { summary: RequestSummary; caption: string }) {
  const steps = summary.steps.filter((step) => step.requests > 0).reverse()
  if (steps.length === 0) return <p className={styles.lone}>No requests in this period.</p>
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so it must be focusable
    <div className={styles.table} tabIndex={0} role="region" aria-label={caption}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Requests</th>
            <th scope="col">Errors</th>
            <th scope="col">p95</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step.at}>
              <th scope="row">{stepLabel(step.at, summary.step_ms, true)}</th>
              <td>{formatNumber(step.requests)}</td>
              <td>{formatNumber(step.errors)}</td>
              <td>{formatDuration(step.p95_ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
