import { useElementSize, useViewportSize } from '@mantine/hooks'
import type { KeyboardEvent, PointerEvent } from 'react'
import type { RequestSummary } from '../../../contract/request-counts.ts'
import { formatDuration, formatNumber } from '../../lib/format.ts'
import { bars, linePath, roundUp, stepLabel, timeTicks } from './chart-shape.ts'
import styles from './requests-chart.module.css'

interface ChartPlotProps {
  summary: RequestSummary
  /** Description of the chart for screen readers. */
  label: string
  compact: boolean
  chosen: number | null
  onChoose: (step: number | null) => void
}

/** Heights of the lanes and the gaps between them, in pixels. */
const FULL = { requests: 62, errors: 16, p95: 30, gap: 9, axis: 18, margin: 62 }
/** A smaller chart leaves more room for the list in a low window. */
const LOW = { requests: 38, errors: 10, p95: 22, gap: 6, axis: 18, margin: 62 }
const LOW_WINDOW = 720
const COMPACT = { requests: 22, errors: 6, p95: 0, gap: 2, axis: 0, margin: 0 }

/** Three lanes over one time axis, each with its own scale. Bars and a line differ without relying on color. */
export function ChartPlot({ summary, label, compact, chosen, onChoose }: ChartPlotProps) {
  const { ref, width: whole } = useElementSize()
  const window = useViewportSize()
  const lanes = compact ? COMPACT : window.height < LOW_WINDOW ? LOW : FULL
  const width = Math.max(0, whole - lanes.margin)
  const { steps } = summary
  const tops = { errors: lanes.requests + lanes.gap, p95: lanes.requests + lanes.gap + lanes.errors + lanes.gap }
  const bottom = compact ? tops.errors + lanes.errors : tops.p95 + lanes.p95
  const max = roundUp(Math.max(0, ...steps.map((step) => step.requests)))
  const maxErrors = roundUp(Math.max(0, ...steps.map((step) => step.errors)))
  const slowest = roundUp(Math.max(0, ...steps.map((step) => step.p95_ms ?? 0)))
  const stepWidth = steps.length === 0 ? 0 : width / steps.length

  const move = (event: PointerEvent): void => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - lanes.margin
    const step = stepWidth === 0 ? -1 : Math.floor(x / stepWidth)
    onChoose(step >= 0 && step < steps.length ? step : null)
  }
  const key = (event: KeyboardEvent): void => {
    const at = chosen ?? steps.length
    const to = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: steps.length - 1,
      PageUp: at - 10,
      PageDown: at + 10,
    }[event.key]
    if (event.key === 'Escape' && chosen !== null) onChoose(null)
    else if (to === undefined || steps.length === 0) return
    else onChoose(Math.min(steps.length - 1, Math.max(0, to)))
    event.preventDefault()
  }
  return (
    <div
      ref={ref}
      className={styles.plot}
      tabIndex={0}
      role="slider"
      aria-label={label}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, steps.length - 1)}
      aria-valuenow={chosen ?? Math.max(0, steps.length - 1)}
      aria-valuetext={stepText(summary, chosen)}
      onPointerMove={move}
      onPointerLeave={() => onChoose(null)}
      onKeyDown={key}
      onBlur={() => onChoose(null)}
    >
      <svg width="100%" height={bottom + lanes.axis} aria-hidden focusable="false">
        <g transform={`translate(${lanes.margin} 0)`}>
          {chosen !== null && (
            <rect
              className={styles.cursor}
              x={chosen * stepWidth}
              y={0}
              width={Math.max(2, stepWidth)}
              height={bottom}
              rx={2}
            />
          )}
          <g className={styles.requests}>
            {bars(
              steps.map((step) => step.requests),
              width,
              lanes.requests,
              max,
            ).map(drawBar)}
          </g>
          <line className={styles.axis} x1={0} x2={width} y1={lanes.requests + 0.5} y2={lanes.requests + 0.5} />
          <g className={styles.errors} transform={`translate(0 ${tops.errors})`}>
            {bars(
              steps.map((step) => step.errors),
              width,
              lanes.errors,
              maxErrors,
            ).map(drawBar)}
          </g>
          {!compact && (
            <>
              <line
                className={styles.axis}
                x1={0}
                x2={width}
                y1={tops.errors + lanes.errors + 0.5}
                y2={tops.errors + lanes.errors + 0.5}
              />
              <path
                className={styles.p95}
                transform={`translate(0 ${tops.p95})`}
                d={linePath(
                  steps.map((step) => step.p95_ms),
                  width,
                  lanes.p95,
                  slowest,
                )}
              />
              <line className={styles.axis} x1={0} x2={width} y1={bottom + 0.5} y2={bottom + 0.5} />
              {timeTicks(Date.parse(summary.from), Date.parse(summary.to), width).map((tick) => (
                <g key={tick.x}>
                  <line
                    className={styles.axis}
                    x1={Math.round(tick.x) + 0.5}
                    x2={Math.round(tick.x) + 0.5}
                    y1={bottom}
                    y2={bottom + 4}
                  />
                  {tick.x > 16 && tick.x < width - 16 && (
                    <text className={styles.lane} x={tick.x} y={bottom + 15} textAnchor="middle">
                      {tick.label}
                    </text>
                  )}
                </g>
              ))}
            </>
          )}
        </g>
        {!compact && (
          <g className={styles.lane} textAnchor="end">
            <text x={lanes.margin - 8} y={9}>
              {formatNumber(max)} req
            </text>
            <text x={lanes.margin - 8} y={tops.errors + 9}>
              {formatNumber(maxErrors)} err
            </text>
            <text x={lanes.margin - 8} y={tops.p95 + 9}>
              {formatDuration(slowest)}
            </text>
          </g>
        )}
      </svg>
    </div>
  )
}

function drawBar({ x, y, width, height }: ReturnType<typeof bars>[number], index: number) {
  return height === 0 ? null : <rect key={index} x={x} y={y} width={width} height={height} rx={width > 5 ? 1.5 : 0} />
}

function stepText(summary: RequestSummary, chosen: number | null): string {
  const step = chosen === null ? summary : summary.steps[chosen]
  if (step === undefined) return 'no data'
  const when = 'at' in step ? `${stepLabel(step.at, summary.step_ms, summary.step_ms > 60_000)}: ` : 'Total: '
  return `${when}${formatNumber(step.requests)} requests, ${formatNumber(step.errors)} errors, p95 ${formatDuration(step.p95_ms)}`
}
