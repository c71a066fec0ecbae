import { invalidRequest } from '../../../contract/errors.ts'
import type { RequestSummary } from '../../../contract/request-counts.ts'
import { COUNT_LEVELS, finestLevel } from '../../store/requests/counts/count-levels.ts'
import {
  addEncoded,
  addToHistogram,
  percentileOf,
  type DurationHistogram,
} from '../../store/requests/counts/duration-histogram.ts'
import type { RequestStore } from '../../store/requests/request-store.ts'
import { emptyTally, type Tally } from '../../store/requests/counts/tally-requests.ts'
import { countSpans, type TimeSpan } from './count-spans.ts'
import { MINUTE, stepStarts } from './step-starts.ts'

export interface SummaryQuery {
  project?: string | undefined
  connection?: string | undefined
  sinceMs: number
  untilMs?: number | undefined
  steps: number
  /** IANA name of the viewer's time zone. Steps of an hour or more start at its full hours and midnights. */
  timeZone?: string | undefined
}

interface SummarySteps {
  range: TimeSpan
  width: number
  starts: number[]
  /** Where each step begins to count. */
  bounds: number[]
}

/** Counts requests between two times, in total and in at most `steps` steps, and those of the time before. */
export async function summarise(
  requests: Pick<RequestStore, 'requestCounts'>,
  now: number,
  { project, connection, ...query }: SummaryQuery,
): Promise<RequestSummary> {
  const steps = summarySteps(now, query)
  const { range } = steps
  const before = { from: Math.max(0, 2 * range.from - range.to), to: range.from }
  const [tallies, [previous = emptyTally()]] = await Promise.all([
    counted(range, steps.bounds),
    counted({ ...before, from: floorTo(before.from, finestLevel(before.from, now)) }, [before.from]),
  ])
  return { ...summaryOf(steps, tallies), previous: countsOf(previous), complete: true }

  async function counted(span: TimeSpan, bounds: readonly number[]): Promise<Tally[]> {
    const sums = bounds.map(emptyTally)
    let current = 0
    for (const part of countSpans(span, bounds, now)) {
      for (const each of await requests.requestCounts({ project, connection, ...part })) {
        while (current + 1 < bounds.length && each.at >= (bounds[current + 1] ?? Infinity)) current += 1
        const sum = sums[current]
        if (sum === undefined) continue
        addCounts(sum, each)
        addEncoded(sum.durations, each.durations)
        addEncoded(sum.ours, each.ours)
      }
    }
    return sums
  }
}

/**
 * Returns the steps of a time. Its ends are rounded to the finest counts that are stored for then, and a boundary inside
 * such a count moves to its start.
 */
export function summarySteps(
  now: number,
  { sinceMs, untilMs = now, steps, timeZone }: Omit<SummaryQuery, 'project' | 'connection'>,
): SummarySteps {
  const range = rangeOf(sinceMs, untilMs, now)
  const { width, starts } = stepStarts(range, { maxSteps: steps, finest: finestLevel(range.from, now), timeZone })
  const bounds = starts.map((at, index) => (index === 0 ? range.from : floorTo(at, finestLevel(at, now))))
  return { range, width, starts, bounds }
}

export function summaryOf(
  { range, width, starts, bounds }: SummarySteps,
  tallies: readonly Tally[],
): Omit<RequestSummary, 'previous' | 'complete'> {
  const total = emptyTally()
  for (const tally of tallies) {
    addCounts(total, tally)
    addHistogram(total.durations, tally.durations)
    addHistogram(total.ours, tally.ours)
  }
  return {
    from: instant(range.from),
    to: instant(range.to),
    step_ms: width,
    ...figures(total),
    steps: tallies.map((tally, index) => ({
      at: instant((index === 0 ? starts[0] : bounds[index]) ?? range.from),
      ...figures(tally),
    })),
  }
}

function rangeOf(sinceMs: number, untilMs: number, now: number): TimeSpan {
  if (sinceMs >= now) throw invalidRequest('The start must be in the past.', 'since')
  if (untilMs <= sinceMs) throw invalidRequest('The end must be after the start.', 'until')
  return {
    from: Math.max(0, floorTo(sinceMs, finestLevel(sinceMs, now))),
    // Includes requests of the current millisecond.
    to: untilMs >= now ? now + 1 : floorTo(untilMs, finestLevel(untilMs, now)),
  }
}

function floorTo(time: number, step: number): number {
  return Math.floor(time / step) * step
}

function addCounts(sum: Tally, { requests, denied, failed }: Pick<Tally, 'requests' | 'denied' | 'failed'>): void {
  sum.requests += requests
  sum.denied += denied
  sum.failed += failed
}

function addHistogram(sum: DurationHistogram, other: DurationHistogram): void {
  for (const [bucket, times] of other) addToHistogram(sum, bucket, times)
}

type Counts = Pick<RequestSummary, 'requests' | 'errors' | 'refused' | 'failed'>

export function countsOf({ requests, denied, failed }: Pick<Tally, 'requests' | 'denied' | 'failed'>): Counts {
  return { requests, errors: denied + failed, refused: denied, failed }
}

function figures(tally: Tally): Counts & Pick<RequestSummary, 'p95_ms' | 'ours_p95_ms'> {
  return {
    ...countsOf(tally),
    p95_ms: percentileOf(tally.durations, 0.95),
    ours_p95_ms: percentileOf(tally.ours, 0.95),
  }
}

/** Counts requests since a time within the last two days, using counts per minute. */
export async function countRequestsSince(
  requests: Pick<RequestStore, 'requestCounts'>,
  sinceMs: number,
  now: number,
): Promise<number> {
  const counts = await requests.requestCounts({ step: COUNT_LEVELS[0]?.ms ?? MINUTE, from: sinceMs, to: now + 1 })
  return counts.reduce((sum, count) => sum + count.requests, 0)
}

export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
