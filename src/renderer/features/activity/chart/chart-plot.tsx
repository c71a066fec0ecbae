import { useId } from 'react'
import { plural, t } from '../../../../contract/text/translate.ts'
import type { PausedTime, RequestSummary } from '../../../../contract/request-counts.ts'
import { formatDuration, formatNumber } from '../../../lib/format.ts'
import { useSize } from '../../../ui/use-size.ts'
import {
  bandOf,
  countsWithin,
  linePath,
  roundUp,
  spanLabel,
  stackHeights,
  stepBars,
  stepSpans,
  timeTicks,
  type Counts,
  type Span,
} from './chart-shape.ts'
import styles from './chart.module.css'
import { useStepChoice } from './use-step-choice.ts'

interface ChartPlotProps {
  summary: RequestSummary
  /** Times in which all access was paused. They are shaded. */
  pauses?: readonly PausedTime[]
  /** Description of the chart for screen readers. */
  label: string
  height: number
  /** Draws only the bars, without scales and lines. */
  compact?: boolean
  onChoose: (span: Span | null) => void
  onOpen: (span: Span, zoom: boolean) => void
}

const MARGIN = 56
const AXIS = 18
const LINES = 40
const GAP = 10

/** Stacked bars, and lines of p95 below, over one time axis. Shapes differ without relying on color. */
export function ChartPlot({ summary, pauses = [], label, height, compact = false, onChoose, onOpen }: ChartPlotProps) {
  const { ref, width: whole } = useSize()
  const hatch = useId()
  const margin = compact ? 0 : MARGIN
  const width = Math.max(0, whole - margin)
  const { steps } = summary
  const spans = stepSpans(summary)
  const bars = stepBars(spans, width)
  const { chosen, handlers } = useStepChoice({ spans, bars, margin, onChoose, onOpen })
  const max = roundUp(Math.max(0, ...steps.map((step) => step.requests)))
  const slowest = roundUp(Math.max(0, ...steps.map((step) => step.p95_ms ?? 0)))
  const lines = height + GAP
  const bottom = compact ? height : lines + LINES
  const marked = chosen === null ? null : [bars[chosen.first], bars[chosen.last]]
  const [from, to] = [spans[0]?.from ?? 0, spans.at(-1)?.to ?? 0]
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
      aria-valuenow={chosen?.at ?? Math.max(0, steps.length - 1)}
      aria-valuetext={valueText(summary, spans, chosen)}
      {...handlers}
    >
      <svg width="100%" height={bottom + (compact ? 0 : AXIS)} aria-hidden focusable="false">
        <defs>
          <pattern id={hatch} width={4} height={4} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect className={styles.hatchGround} width={4} height={4} />
            <rect className={styles.hatchLine} width={2} height={4} />
          </pattern>
        </defs>
        <g transform={`translate(${margin} 0)`}>
          {pauses.map((pause) => {
            const time = { from: Date.parse(pause.from), to: pause.to === null ? to : Date.parse(pause.to) }
            const band = bandOf(time, { from, to }, width)
            return band !== null && <rect key={pause.from} className={styles.paused} {...band} y={0} height={bottom} />
          })}
          {marked?.[0] !== undefined && marked[1] !== undefined && (
            <rect
              className={styles.cursor}
              x={marked[0].x}
              y={0}
              width={Math.max(2, marked[1].x + marked[1].width - marked[0].x)}
              height={bottom}
              rx={2}
            />
          )}
          {steps.map((step, index) => (
            <StepBar key={step.at} step={step} bar={bars[index]} height={height} max={max} hatch={`url(#${hatch})`} />
          ))}
          <line className={styles.axis} x1={0} x2={width} y1={height + 0.5} y2={height + 0.5} />
          {!compact && (
            <>
              <g transform={`translate(0 ${lines})`}>
                <path
                  className={styles.p95}
                  d={linePath(
                    steps.map((step) => step.p95_ms),
                    bars,
                    LINES,
                    slowest,
                  )}
                />
                <path
                  className={styles.ours}
                  d={linePath(
                    steps.map((step) => step.ours_p95_ms),
                    bars,
                    LINES,
                    slowest,
                  )}
                />
              </g>
              <line className={styles.axis} x1={0} x2={width} y1={bottom + 0.5} y2={bottom + 0.5} />
              {timeTicks(from, to, width).map(({ x, label: text }) => (
                <g key={x}>
                  <line className={styles.axis} x1={x} x2={x} y1={bottom} y2={bottom + 4} />
                  {x > 16 && x < width - 16 && (
                    <text className={styles.scale} x={x} y={bottom + 15} textAnchor="middle">
                      {text}
                    </text>
                  )}
                </g>
              ))}
            </>
          )}
        </g>
        {!compact && (
          <g className={styles.scale} textAnchor="end">
            <text x={margin - 8} y={9}>
              {formatNumber(max)}
            </text>
            <text x={margin - 8} y={height}>
              0
            </text>
            <text x={margin - 8} y={lines + 9}>
              {formatDuration(slowest)}
            </text>
          </g>
        )}
      </svg>
    </div>
  )
}

interface StepBarProps {
  step: RequestSummary['steps'][number]
  bar: { x: number; width: number } | undefined
  height: number
  max: number
  hatch: string
}

/** One bar: those that succeeded below, denied ones on it, failed ones on top. */
function StepBar({ step, bar, height, max, hatch }: StepBarProps) {
  if (bar === undefined || step.requests === 0) return null
  const { requests, refused, failed } = step
  const [ok = 0, denied = 0, broken = 0] = stackHeights([requests - refused - failed, refused, failed], height, max)
  return (
    <g>
      {ok > 0 && <rect className={styles.ok} {...bar} y={height - ok} height={ok} />}
      {denied > 0 && <rect fill={hatch} {...bar} y={height - ok - denied} height={denied} />}
      {broken > 0 && <rect className={styles.failed} {...bar} y={height - ok - denied - broken} height={broken} />}
    </g>
  )
}

function valueText(
  summary: RequestSummary,
  spans: readonly Span[],
  chosen: { first: number; last: number } | null,
): string {
  if (chosen === null) return t`Total: ${countsText(summary)}`
  const [first, last] = [spans[chosen.first], spans[chosen.last]]
  if (first === undefined || last === undefined) return t`no data`
  const span = { from: first.from, to: last.to }
  return `${spanLabel(span)}: ${countsText(countsWithin(summary, span))}`
}

export function countsText({ requests, refused: denied, failed }: Counts): string {
  return t`${plural(requests, '# request', '# requests')}, ${formatNumber(denied)} denied, ${formatNumber(failed)} failed`
}
