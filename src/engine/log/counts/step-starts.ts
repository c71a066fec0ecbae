import { invalidRequest } from '../../../contract/errors.ts'
import type { TimeSpan } from './count-spans.ts'

export const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WEEK = 7 * DAY
/** Step widths that people read easily. Beyond them, whole weeks. */
const WIDTHS = [1, 2, 5, 15, 30].map((n) => n * MINUTE).concat([1, 2, 3, 4, 6, 8, 12, 24].map((n) => n * HOUR))

/**
 * Returns where the steps of a range start, at most `most` of them, each at least `finest` milliseconds wide. Steps of
 * up to a day start at full hours and midnights of the time zone, so a day with a clock change is shorter or longer.
 * The first step can start before the range.
 */
export function stepStarts(
  range: TimeSpan,
  { maxSteps, finest, timeZone }: { maxSteps: number; finest: number; timeZone: string | undefined },
): { width: number; starts: number[] } {
  const offsetAt = zoneOffset(timeZone)
  if (maxSteps === 1) return { width: range.to - range.from, starts: [range.from] }
  for (const width of WIDTHS) {
    if (width < finest || (range.to - range.from) / width > maxSteps) continue
    const starts = width > HOUR ? wallStarts(range, width, offsetAt) : evenStarts(range, width, offsetAt(range.from))
    if (starts.length <= maxSteps) return { width, starts }
  }
  for (let weeks = Math.max(1, Math.floor((range.to - range.from) / maxSteps / WEEK)); ; weeks += 1) {
    const starts = evenStarts(range, weeks * WEEK, 0)
    if (starts.length <= maxSteps) return { width: weeks * WEEK, starts }
  }
}

function evenStarts({ from, to }: TimeSpan, width: number, offset: number): number[] {
  const first = Math.floor((from + offset) / width) * width - offset
  return Array.from({ length: Math.ceil((to - first) / width) }, (_, index) => first + index * width)
}

function wallStarts({ from, to }: TimeSpan, width: number, offsetAt: (time: number) => number): number[] {
  const starts: number[] = []
  // A repeated or skipped wall time, where clocks change, is not a separate step.
  for (let wall = Math.floor((from + offsetAt(from)) / width) * width; ; wall += width) {
    const at = wall - offsetAt(wall - offsetAt(wall))
    if (at >= to) return starts
    if (at > (starts.at(-1) ?? -Infinity)) starts.push(at)
  }
}

/**
 * Returns a function that computes the time zone's offset from UTC in milliseconds. Without a name, uses the engine's
 * time zone.
 */
function zoneOffset(timeZone: string | undefined): (time: number) => number {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  } catch {
    throw invalidRequest('Unknown time zone. Use an IANA name such as Europe/Berlin.', 'time_zone')
  }
  return (time) => {
    const name = format.formatToParts(time).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? []
    return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE)
  }
}
