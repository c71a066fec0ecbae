import type { RequestSummary } from '../../../../contract/request-counts.ts'
import { DATE_LOCALE } from '../../../lib/format.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TICK_STEPS = [
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  4 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  5 * DAY,
  7 * DAY,
  10 * DAY,
]
/** Width of one label below the axis, in pixels. */
const TICK_ROOM = 76

const clock = new Intl.DateTimeFormat(DATE_LOCALE, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat(DATE_LOCALE, { day: 'numeric', month: 'short' })
const dayAndClock = new Intl.DateTimeFormat(DATE_LOCALE, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

/** Returns the lowest round number that isn't below the value: 1, 2, 3, 4, 5, 6, 8, 10, 15, 20 … */
export function roundUp(value: number): number {
  if (value <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  if (power === 1) return Math.ceil(value)
  for (const times of [1, 1.5, 2, 3, 4, 5, 6, 8, 10]) if (times * power >= value) return times * power
  return 10 * power
}

export interface Span {
  from: number
  to: number
}

/** Returns the times that the steps count, in milliseconds since 1970. The first and the last can be shorter. */
export function stepSpans({ from, to, steps }: RequestSummary): Span[] {
  const start = Date.parse(from)
  return steps.map(({ at }, index) => ({
    from: Math.max(start, Date.parse(at)),
    to: Date.parse(steps[index + 1]?.at ?? to),
  }))
}

export type Counts = Pick<RequestSummary, 'requests' | 'refused' | 'failed'>

/** Returns the counts of the steps within a time that begins with a step. The newest step may have grown since it was chosen. */
export function countsWithin(summary: RequestSummary, { from, to }: Span): Counts {
  const sum = { requests: 0, refused: 0, failed: 0 }
  stepSpans(summary).forEach((span, index) => {
    const step = summary.steps[index]
    if (step === undefined || span.from < from || span.from >= to) return
    sum.requests += step.requests
    sum.refused += step.refused
    sum.failed += step.failed
  })
  return sum
}

export interface Bar {
  x: number
  width: number
}

/** Returns where the bars of the steps are. A step that is cut short has a narrower bar. */
export function stepBars(spans: readonly Span[], width: number): Bar[] {
  const start = spans[0]?.from ?? 0
  const whole = (spans.at(-1)?.to ?? start) - start
  const at = (time: number): number => (whole === 0 ? 0 : Math.round(((time - start) / whole) * width))
  const stepWidth = spans.length === 0 ? 0 : width / spans.length
  const gap = stepWidth >= 6 ? 2 : stepWidth >= 3 ? 1 : 0
  return spans.map(({ from, to }) => ({ x: at(from), width: Math.max(1, at(to) - at(from) - gap) }))
}

/**
 * Returns the heights of the parts of a stacked bar. A part above zero is at least one pixel high, so that one error
 * among thousands is visible.
 */
export function stackHeights(values: readonly number[], height: number, highest: number): number[] {
  const tall = (value: number): number =>
    value <= 0 || highest <= 0 ? 0 : Math.max(1, Math.round((value / highest) * height))
  const heights = values.map(tall)
  // The rounded parts must not be higher than the whole.
  const surplus = heights.reduce((sum, each) => sum + each, 0) - height
  if (surplus > 0) {
    const largest = heights.indexOf(Math.max(...heights))
    heights[largest] = Math.max(1, (heights[largest] ?? 0) - surplus)
  }
  return heights
}

/**
 * Returns a line through the middles of the steps. It is interrupted where nothing was measured, and a single point is
 * a short dash.
 */
export function linePath(
  values: readonly (number | null)[],
  bars: readonly Bar[],
  height: number,
  highest: number,
): string {
  const at = (index: number, value: number): string => {
    const { x = 0, width = 0 } = bars[index] ?? {}
    const share = highest <= 0 ? 0 : Math.min(value, highest) / highest
    return `${(x + width / 2).toFixed(1)} ${(height - 1 - share * (height - 2)).toFixed(1)}`
  }
  let path = ''
  values.forEach((value, index) => {
    if (value === null) return
    const before = values[index - 1] ?? null
    const after = values[index + 1] ?? null
    path += before === null ? `M${at(index, value)}` : `L${at(index, value)}`
    if (before === null && after === null) path += 'm-1.5 0h3'
  })
  return path
}

interface Tick {
  x: number
  label: string
}

/** Returns round local times with enough space for their labels. */
export function timeTicks(from: number, to: number, width: number): Tick[] {
  if (to <= from || width <= 0) return []
  const max = Math.max(1, Math.floor(width / TICK_ROOM))
  const step = TICK_STEPS.find((each) => (to - from) / each <= max) ?? 30 * DAY
  const ticks: Tick[] = []
  for (let at = firstTick(from, step); at <= to; at = nextTick(at, step)) {
    ticks.push({ x: ((at - from) / (to - from)) * width, label: step >= DAY ? day.format(at) : clock.format(at) })
  }
  return ticks
}

/** Days start at local midnight, even when daylight saving time begins or ends. */
function firstTick(from: number, step: number): number {
  const midnight = new Date(from).setHours(0, 0, 0, 0)
  if (step >= DAY) return nextTick(midnight, DAY)
  return midnight + Math.ceil((from - midnight) / step) * step
}

function nextTick(at: number, step: number): number {
  if (step < DAY) return at + step
  const date = new Date(at)
  return date.setDate(date.getDate() + Math.round(step / DAY))
}

/** Returns a time range, such as "14:05 – 14:06", with the day if it is longer than an hour. */
export function spanLabel({ from, to }: Span): string {
  return `${(to - from > HOUR ? dayAndClock : clock).format(from)} – ${(to - from > DAY ? dayAndClock : clock).format(to)}`
}

/** Returns a share in percent: "0%", "<0.1%", "3.2%", "56%". */
export function percent(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0%'
  const share = (part / whole) * 100
  return share < 0.1 ? '<0.1%' : `${share < 10 ? share.toFixed(1) : Math.round(share)}%`
}

/** A time with less than a tenth of the requests, such as that before the first day of use, says nothing about the change. */
const MAX_TIMES = 10

/** Returns how much a count changed, such as "+4%" or "−12%". Null if there is too little to compare with. */
export function changeLabel(now: number, before: number): string | null {
  if (before === 0 || now > before * MAX_TIMES) return null
  const change = Math.round(((now - before) / before) * 100)
  return change === 0 ? '±0%' : `${change > 0 ? '+' : '−'}${Math.abs(change)}%`
}

/** Returns where a time is in the chart, cut at its ends. Null if it lies outside. A short one is at least a pixel wide. */
export function bandOf(time: Span, { from, to }: Span, width: number): Bar | null {
  if (to <= from || time.to <= from || time.from >= to) return null
  const at = (instant: number): number => ((Math.min(to, Math.max(from, instant)) - from) / (to - from)) * width
  return { x: at(time.from), width: Math.max(1, at(time.to) - at(time.from)) }
}
