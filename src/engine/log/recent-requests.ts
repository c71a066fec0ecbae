import type { RequestRecord } from '../../contract/records.ts'
import type { Clock } from '../clock.ts'

const ACTIVE_MS = 5 * 60_000
const REPEAT_MS = 10 * 60_000
const MIN_REPEATS = 5
const MAX_KEPT = 500
const MINT_METHOD = 'request_session_token'

/** Denials of one cause, at least 5 within 10 minutes. */
export interface RepeatedCause {
  cause: string
  /** When the first of them started, so that a log from then on shows as many as `count`. */
  first_at: number
  count: number
  /** The newest of them. */
  row: RequestRecord
}

interface Denials extends RepeatedCause {
  lastAt: number
  /** Times of the newest, at most MIN_REPEATS. */
  newest: number[]
  isRepeated: boolean
}

/** Findings of the newest requests: who is active, and which denials repeat. In memory, since the start. */
interface RecentRequests {
  opened(row: RequestRecord): void
  ended(row: RequestRecord): void
  /**
   * The newest request of each token with one in the last 5 minutes, newest first. Without tokens that last created a
   * session token which is active itself, because the session token does their work.
   */
  callers(): RequestRecord[]
  repeatedCauses(): RepeatedCause[]
}

export function createRecentRequests(clock: Clock, onRepeated: () => void): RecentRequests {
  // Sorted when it is read, because a Map that is kept in order costs a deletion per request.
  const callers = new Map<string, RequestRecord>()
  // In the order of their newest request.
  const causes = new Map<string, Denials>()

  function renew<T>(map: Map<string, T>, key: string, value: T): void {
    map.delete(key)
    map.set(key, value)
    if (map.size <= MAX_KEPT) return
    for (const oldest of map.keys()) {
      map.delete(oldest)
      return
    }
  }

  function dropOldest(): void {
    let oldest: [string, RequestRecord] | undefined
    for (const one of callers) if (oldest === undefined || one[1].id < oldest[1].id) oldest = one
    if (oldest !== undefined) callers.delete(oldest[0])
  }

  return {
    opened(row) {
      if (row.transport === 'control' || row.token === null || row.token_state !== 'active') return
      callers.set(`${row.project}\n${row.parent ?? ''}\n${row.token}`, row)
      if (callers.size > MAX_KEPT) dropOldest()
    },
    ended(row) {
      const { cause } = row
      if (cause === null || !isDenial(row)) return
      const now = clock.now()
      const times = timesOf(row)
      const known = causes.get(cause)
      const isNew = known === undefined || now - known.lastAt > REPEAT_MS
      const denials = isNew
        ? { cause, first_at: Date.parse(row.time), count: 0, row, lastAt: now, newest: [], isRepeated: false }
        : known
      const newest = [...denials.newest, ...Array.from({ length: Math.min(times, MIN_REPEATS) }, () => now)]
      denials.newest = newest.slice(-MIN_REPEATS)
      denials.count += times
      denials.lastAt = now
      denials.row = row
      renew(causes, cause, denials)
      const [first = now] = denials.newest
      if (denials.isRepeated || denials.newest.length < MIN_REPEATS || now - first > REPEAT_MS) return
      denials.isRepeated = true
      onRepeated()
    },
    callers() {
      const since = clock.now() - ACTIVE_MS
      const active = [...callers.values()]
        .filter((row) => Date.parse(row.time) >= since)
        .sort((one, other) => other.id - one.id)
      const withSession = new Set(active.map(({ project, parent }) => JSON.stringify([project, parent])))
      return active.filter(
        ({ method, project, token }) => method !== MINT_METHOD || !withSession.has(JSON.stringify([project, token])),
      )
    },
    repeatedCauses() {
      const since = clock.now() - REPEAT_MS
      return [...causes.values()]
        .filter(({ isRepeated, lastAt }) => isRepeated && lastAt >= since)
        .map(({ cause, first_at, count, row }) => ({ cause, first_at, count, row }))
        .reverse()
    },
  }
}

/** Missing permissions, and tokens that have ended or are unknown. Pauses and limits aren't caused by a token. */
function isDenial({ refusal, token_state: state }: RequestRecord): boolean {
  if (refusal !== null) return true
  return state !== null && state !== 'active' && state !== 'missing' && state !== 'malformed'
}

/** Denials without a valid token are counted, and one row represents `records` of them. */
function timesOf({ refusal, records }: RequestRecord): number {
  return refusal === null ? Math.max(1, records) : 1
}
