import type { TopRequests } from '../../../contract/request-counts.ts'
import type { RequestRecord } from '../../../contract/records.ts'
import type { CountedBy, KeyCount } from '../../store/requests/counts/request-key-counts.ts'
import type { RequestStore } from '../../store/requests/request-store.ts'
import { countSpans } from './count-spans.ts'
import { causeSentence } from './cause-sentence.ts'
import { countsOf, instant, summarySteps } from './summarise.ts'

/** A search returns what it has counted after this long. */
const SEARCH_MS = 800

export interface TopQuery {
  by: CountedBy
  project?: string | undefined
  /** Name of a token whose requests are counted. The stored counts don't contain that, so the log is searched. */
  token?: string | undefined
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

/** Attempts with ended tokens are searched for at most this long each, and for so many tokens. */
const TRIES_MS = 100
const MAX_TRIED = 50
/** Callers without a valid token get at most three rows a minute, so this is more than a day of one address. */
const MAX_TRY_ROWS = 10_000

const NO_TRIES = { tries_after_end: null as number | null, tries_complete: true }

/** Returns the names with the most requests between two times, busiest first. */
export async function topRequests(
  requests: Pick<RequestStore, 'keyCounts' | 'tallyNames' | 'idsWithin' | 'scan'>,
  lastRow: (id: number) => Promise<RequestRecord | null>,
  now: number,
  { by, project, token, limit, steps = 0, ...times }: TopQuery,
): Promise<TopRequests> {
  const { range, bounds } = summarySteps(now, { ...times, steps: Math.max(1, steps) })
  const sums = new Map<string, Sum>()
  let current = 0
  let tried = 0
  let ids: ReturnType<typeof requests.idsWithin> | undefined
  const { spans, reached } = await (token === undefined ? stored() : searched(token))
  for (const counts of spans) {
    for (const count of counts.toSorted((one, other) => one.at - other.at)) {
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
    from: instant(reached ?? range.from),
    to: instant(range.to),
    names: sums.size,
    complete: reached === null,
    rows: await Promise.all(
      busiest.map(async ({ name, project: owner, series, lastId, ...sum }) => {
        const last = await lastRow(lastId)
        const isTried = by === 'token' && project !== undefined && hasEnded(last) && (tried += 1) <= MAX_TRIED
        return {
          name: name === '' ? null : name,
          project: owner === '' ? null : owner,
          sentence: by !== 'cause' || name === '' ? null : last === null ? null : causeSentence(last),
          ...countsOf(sum),
          ...(isTried ? await triesOf(name, owner) : NO_TRIES),
          series,
          last,
        }
      }),
    ),
  }

  async function triesOf(name: string, owner: string): Promise<typeof NO_TRIES> {
    const { from } = await (ids ??= requests.idsWithin(range.from, range.to))
    const query = { project: owner, token: name, status: '401', since_ms: range.from, until_ms: range.to }
    const { rows, next_before_id: next } = await requests.scan(query, { limit: MAX_TRY_ROWS, budgetMs: TRIES_MS, from })
    // Session tokens of an ended token are other tokens.
    const own = rows.filter((row) => row.parent === null && hasEnded(row))
    return {
      tries_after_end: own.reduce((sum, { records }) => sum + Math.max(1, records), 0),
      tries_complete: next === null || next <= from,
    }
  }

  async function stored(): Promise<Counted> {
    const spans: KeyCount[][] = []
    for (const span of countSpans(range, bounds, now)) spans.push(await requests.keyCounts({ by, project, ...span }))
    return { spans, reached: null }
  }

  async function searched(name: string): Promise<Counted> {
    const ids = await requests.idsWithin(range.from, range.to)
    const query = { project, token: name, since_ms: range.from, until_ms: range.to, before_id: ids.to + 1 }
    const { counts, reached: oldest } = await requests.tallyNames({
      by,
      // Only requests that failed have a cause.
      query: by === 'cause' ? { ...query, status: 'failed' } : query,
      starts: bounds,
      to: range.to,
      from: ids.from,
      budgetMs: SEARCH_MS,
    })
    return { spans: [counts], reached: oldest }
  }
}

function hasEnded(row: RequestRecord | null): boolean {
  return row?.token_state === 'expired' || row?.token_state === 'revoked'
}

interface Counted {
  /** In chronological order. */
  spans: KeyCount[][]
  /** The start of what is counted, if a search stopped early. */
  reached: number | null
}

function newSum(name: string, project: string): Sum {
  return { name, project, requests: 0, denied: 0, failed: 0, series: [], lastId: 0 }
}
