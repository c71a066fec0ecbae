import type { TopRequests } from '../../../contract/request-counts.ts'
import type { RequestRecord } from '../../../contract/records.ts'
import type { CountedBy } from '../../store/requests/counts/request-key-counts.ts'
import type { RequestStore } from '../../store/requests/request-store.ts'
import { countSpans } from './count-spans.ts'
import { causeSentence } from './cause-sentence.ts'
import { countsOf, instant, summarySteps } from './summarise.ts'

export interface TopQuery {
  by: CountedBy
  project?: string | undefined
  sinceMs: number
  untilMs?: number | undefined
  timeZone?: string | undefined
  steps?: number | undefined
  limit: number
}

interface Sum {
  name: string
  project: string
  requests: number
  denied: number
  failed: number
  series: number[]
  lastId: number
}

/** Returns the names with the most requests between two times, busiest first. */
export async function topRequests(
  requests: Pick<RequestStore, 'keyCounts'>,
  lastRow: (id: number) => Promise<RequestRecord | null>,
  now: number,
  { by, project, limit, steps = 0, ...times }: TopQuery,
): Promise<TopRequests> {
  const { range, bounds } = summarySteps(now, { ...times, steps: Math.max(1, steps) })
  const sums = new Map<string, Sum>()
  let current = 0
  for (const span of countSpans(range, bounds, now)) {
    const counts = await requests.keyCounts({ by, project, ...span })
    for (const count of counts.sort((one, other) => one.at - other.at)) {
      while (current + 1 < bounds.length && count.at >= (bounds[current + 1] ?? Infinity)) current += 1
      // Tokens of two projects can have the same name. Everything else is the same in all projects.
      const owner = by === 'token' ? count.project : ''
      const key = JSON.stringify([owner, count.name])
      const sum = sums.get(key) ?? { ...newSum(count.name, owner), series: steps === 0 ? [] : bounds.map(() => 0) }
      sums.set(key, sum)
      sum.requests += count.requests
      sum.denied += count.denied
      sum.failed += count.failed
      sum.lastId = Math.max(sum.lastId, count.last_id)
      if (steps > 0) sum.series[current] = (sum.series[current] ?? 0) + count.requests
    }
  }
  const busiest = [...sums.values()]
    .sort((one, other) => other.requests - one.requests || one.name.localeCompare(other.name))
    .slice(0, limit)
  return {
    from: instant(range.from),
    to: instant(range.to),
    names: sums.size,
    rows: await Promise.all(
      busiest.map(async ({ name, project: owner, series, lastId, ...sum }) => {
        const last = await lastRow(lastId)
        return {
          name: name === '' ? null : name,
          project: owner === '' ? null : owner,
          sentence: by !== 'cause' || name === '' ? null : last === null ? null : causeSentence(last),
          ...countsOf(sum),
          series,
          last,
        }
      }),
    ),
  }
}

function newSum(name: string, project: string): Sum {
  return { name, project, requests: 0, denied: 0, failed: 0, series: [], lastId: 0 }
}
