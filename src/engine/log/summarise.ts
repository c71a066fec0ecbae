import { invalidRequest } from '../../contract/errors.ts'
import type { RequestSummary } from '../../contract/records.ts'
import { COUNT_LEVELS } from '../store/requests/count-levels.ts'
import { addEncoded, percentileOf, type DurationHistogram } from '../store/requests/duration-histogram.ts'
import type { RequestStore } from '../store/requests/request-store.ts'

export interface SummaryQuery {
  project?: string | undefined
  connection?: string | undefined
  sinceMs: number
  steps: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Step widths that people read easily. Beyond them, whole weeks. */
const STEPS = [1, 2, 5, 10, 20, 30].map((n) => n * MINUTE).concat([1, 2, 3, 4, 6, 8, 12, 24].map((n) => n * HOUR))

interface Sum {
  requests: number
  errors: number
  durations: DurationHistogram
}

/** Returns at most `steps` steps, ending with the current one. The first starts at or shortly before `sinceMs`. */
export async function summarise(
  requests: Pick<RequestStore, 'requestCounts'>,
  now: number,
  { project, connection, sinceMs, steps }: SummaryQuery,
): Promise<RequestSummary> {
  if (sinceMs >= now) throw invalidRequest('The start must be in the past.', 'since')
  const width =
    STEPS.find((step) => (now - sinceMs) / step <= steps) ?? Math.ceil((now - sinceMs) / steps / (7 * DAY)) * 7 * DAY
  const level = COUNT_LEVELS.findLast(({ ms }) => width % ms === 0 && (ms < DAY || width > DAY))?.ms ?? MINUTE
  const offset = width > HOUR && width <= DAY ? localOffset(now) : 0
  const count = Math.max(1, Math.ceil((now - sinceMs) / width))
  const from = Math.floor((now + offset) / width) * width - offset - (count - 1) * width

  const sums: Sum[] = Array.from({ length: count }, () => ({ requests: 0, errors: 0, durations: new Map() }))
  for (const each of await requests.requestCounts({
    project,
    connection,
    step: level,
    from: Math.max(from, 0),
    to: now + 1,
  })) {
    const sum = sums[Math.floor((each.at - from) / width)]
    if (sum === undefined) continue
    sum.requests += each.requests
    sum.errors += each.errors
    addEncoded(sum.durations, each.durations)
  }

  const total: Sum = { requests: 0, errors: 0, durations: new Map() }
  for (const sum of sums) {
    total.requests += sum.requests
    total.errors += sum.errors
    for (const [bucket, times] of sum.durations) total.durations.set(bucket, (total.durations.get(bucket) ?? 0) + times)
  }
  return {
    from: instant(from),
    to: instant(now),
    step_ms: width,
    ...figures(total),
    steps: sums.map((sum, index) => ({ at: instant(from + index * width), ...figures(sum) })),
  }
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
  const counts = await requests.requestCounts({ step: MINUTE, from: sinceMs, to: now + 1 })
  return counts.reduce((sum, count) => sum + count.requests, 0)
}

/** Steps of several hours are aligned to the owner's day, in whole hours like the counts. */
function localOffset(now: number): number {
  return -Math.round(new Date(now).getTimezoneOffset() / 60) * HOUR
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
