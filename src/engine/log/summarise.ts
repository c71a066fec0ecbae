import { invalidRequest } from '../../contract/errors.ts'
import type { RequestSummary } from '../../contract/records.ts'
import { COUNT_LEVELS, finestLevel } from '../store/requests/count-levels.ts'
import { addEncoded, percentileOf, type DurationHistogram } from '../store/requests/duration-histogram.ts'
import type { RequestStore } from '../store/requests/request-store.ts'
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
export interface TopQuery {
  project?: string | undefined
  sinceMs: number
  untilMs?: number | undefined
  limit: number
}

interface Sum {
  requests: number
  errors: number
  durations: DurationHistogram
}

/**
 * Counts requests between two times, in total and in at most `steps` steps. `from` and `to` of the result are the exact
 * times that the figures cover. `from` is the start of the finest count stored for that time.
 */
export async function summarise(
  requests: Pick<RequestStore, 'requestCounts'>,
  now: number,
  { project, connection, sinceMs, untilMs = now, steps, timeZone }: SummaryQuery,
): Promise<RequestSummary> {
  const range = rangeOf(sinceMs, untilMs, now)
  const finest = finestLevel(range.from, now)
  const { width, starts } = stepStarts(range, { maxSteps: steps, finest, timeZone })
  // A boundary inside the finest stored count moves to its start.
  const bounds = starts.map((at, index) => (index === 0 ? range.from : floorTo(at, finestLevel(at, now))))

  const sums: Sum[] = starts.map(() => ({ requests: 0, errors: 0, durations: new Map() }))
  let current = 0
  for (const span of countSpans(range, bounds, now)) {
    for (const each of await requests.requestCounts({ project, connection, ...span })) {
      while (current + 1 < bounds.length && each.at >= (bounds[current + 1] ?? Infinity)) current += 1
      const sum = sums[current]
      if (sum === undefined) continue
      sum.requests += each.requests
      sum.errors += each.errors
      addEncoded(sum.durations, each.durations)
    }
  }

  const total: Sum = { requests: 0, errors: 0, durations: new Map() }
  for (const sum of sums) {
    total.requests += sum.requests
    total.errors += sum.errors
    for (const [bucket, times] of sum.durations) total.durations.set(bucket, (total.durations.get(bucket) ?? 0) + times)
  }
  return {
    from: instant(range.from),
    to: instant(Math.min(range.to, now)),
    step_ms: width,
    ...figures(total),
    steps: sums.map((sum, index) => ({
      at: instant((index === 0 ? starts[0] : bounds[index]) ?? range.from),
      ...figures(sum),
    })),
  }
}

/** Returns the connections with the most requests between two times, busiest first. */
export async function busiestConnections(
  requests: Pick<RequestStore, 'countsByConnection'>,
  now: number,
  { project, sinceMs, untilMs = now, limit }: TopQuery,
): Promise<{ name: string; requests: number; errors: number }[]> {
  const range = rangeOf(sinceMs, untilMs, now)
  const sums = new Map<string, { name: string; requests: number; errors: number }>()
  for (const span of countSpans(range, [range.from], now)) {
    for (const { connection: name, ...counted } of await requests.countsByConnection({ project, ...span })) {
      const sum = sums.get(name) ?? { name, requests: 0, errors: 0 }
      sum.requests += counted.requests
      sum.errors += counted.errors
      sums.set(name, sum)
    }
  }
  return [...sums.values()]
    .sort((one, other) => other.requests - one.requests || one.name.localeCompare(other.name))
    .slice(0, limit)
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

function figures({ requests, errors, durations }: Sum): Pick<RequestSummary, 'requests' | 'errors' | 'p95_ms'> {
  return { requests, errors, p95_ms: percentileOf(durations, 0.95) }
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

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
