import type { RequestSummary } from '../../../contract/request-counts.ts'

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

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })
const dayAndClock = new Intl.DateTimeFormat('en', {
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

export interface Bar {
  x: number
  y: number
  width: number
  height: number
}

/**
 * Returns the bars of a lane. A value above zero is at least one pixel high, so that one error among thousands is
 * visible.
 */
export function bars(values: readonly number[], width: number, height: number, highest: number): Bar[] {
  const room = values.length === 0 ? 0 : width / values.length
  const gap = room >= 6 ? 2 : room >= 3 ? 1 : 0
  return values.map((value, index) => {
    const tall = value <= 0 || highest <= 0 ? 0 : Math.max(1, Math.round((Math.min(value, highest) / highest) * height))
    const x = Math.round(index * room)
    return { x, y: height - tall, width: Math.max(1, Math.round((index + 1) * room) - x - gap), height: tall }
  })
}

/**
 * Returns a line through the middles of the steps. It is interrupted where nothing was measured, and a single point is
 * a short dash.
 */
export function linePath(values: readonly (number | null)[], width: number, height: number, highest: number): string {
  const room = values.length === 0 ? 0 : width / values.length
  const at = (index: number, value: number): string =>
    `${((index + 0.5) * room).toFixed(1)} ${(height - 1 - (highest <= 0 ? 0 : Math.min(value, highest) / highest) * (height - 2)).toFixed(1)}`
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

export interface Tick {
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

/** Returns the time range of a step, such as "14:05 – 14:06", with the day if steps are long. */
export function stepLabel(at: string, stepMs: number, withDay: boolean): string {
  const start = Date.parse(at)
  return `${(withDay ? dayAndClock : clock).format(start)} – ${clock.format(start + stepMs)}`
}

/** Returns the share of failed requests: "0%", "<0.1%", "3.2%". */
export function errorShare(requests: number, errors: number): string {
  if (requests === 0 || errors === 0) return '0%'
  const share = (errors / requests) * 100
  return share < 0.1 ? '<0.1%' : `${share < 10 ? share.toFixed(1) : Math.round(share)}%`
}

/** Returns the step with the most requests, or null if there were none. */
export function busiestStep(summary: RequestSummary): RequestSummary['steps'][number] | null {
  const busiest = summary.steps.reduce<RequestSummary['steps'][number] | null>(
    (best, step) => (step.requests > (best?.requests ?? 0) ? step : best),
    null,
  )
  return busiest
}
