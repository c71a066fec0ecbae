import { COUNT_LEVELS } from '../../store/requests/counts/count-levels.ts'

/** A time span in milliseconds since 1970, without `to`. */
export interface TimeSpan {
  from: number
  to: number
}

/**
 * Splits a range into spans in chronological order, each read from one level of the stored counts. A span uses the
 * coarsest level whose counts don't cross an end of the range or a boundary between steps.
 */
export function countSpans(range: TimeSpan, bounds: readonly number[], now: number): (TimeSpan & { step: number })[] {
  const inner = bounds.filter((bound) => bound > range.from)
  const coarsest = COUNT_LEVELS.findLastIndex(({ ms }) => inner.every((bound) => bound % ms === 0))
  // Nothing is counted after this moment, so a count that extends beyond it can be read whole.
  return split(range, Math.max(0, coarsest), range.to > now)
}

function split({ from, to }: TimeSpan, index: number, open: boolean): (TimeSpan & { step: number })[] {
  if (from >= to) return []
  const step = COUNT_LEVELS[index]?.ms ?? 1
  if (index <= 0) return [{ step, from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step }]
  const first = Math.ceil(from / step) * step
  const last = (open ? Math.ceil(to / step) : Math.floor(to / step)) * step
  if (first >= last) return split({ from, to }, index - 1, open)
  return [
    ...split({ from, to: first }, index - 1, false),
    { step, from: first, to: last },
    ...(open ? [] : split({ from: last, to }, index - 1, false)),
  ]
}
