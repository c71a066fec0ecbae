import type { Database } from 'better-sqlite3'
import type { RequestRecord } from '../../../contract/records.ts'
import { COUNT_LEVELS } from './count-levels.ts'
import { addEncoded, addToHistogram, bucketOf, encodeHistogram, type DurationHistogram } from './duration-histogram.ts'

interface CountedRow {
  time: number
  project: string | null
  connection: string | null
  status: number | null
  duration_ms: number | null
}
interface Count {
  at: number
  project: string
  connection: string
  requests: number
  errors: number
  durations: DurationHistogram
}
interface Stored {
  requests: number
  errors: number
  durations: Buffer
}

/** Steps of `step` milliseconds (one of COUNT_LEVELS) with any count. */
export interface CountSpan {
  project?: string | undefined
  connection?: string | undefined
  step: number
  from: number
  to: number
}
export type StoredCount = Stored & { at: number }
export interface ConnectionCount {
  connection: string
  requests: number
  errors: number
}

const EMPTY = Buffer.alloc(0)

/** Returns a function that counts ended rows. It runs inside the caller's transaction. */
export function countWriter(database: Database): (rows: readonly CountedRow[]) => void {
  const read = database.prepare<[number, number, string, string], Stored>(
    'SELECT requests, errors, durations FROM request_counts WHERE step = ? AND at = ? AND project = ? AND connection = ?',
  )
  const write = database.prepare(
    'INSERT OR REPLACE INTO request_counts (step, at, project, connection, requests, errors, durations) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const hasProject = database.prepare<[string]>('SELECT 1 FROM projects WHERE name = ?')
  const hasConnection = database.prepare<[string]>('SELECT 1 FROM connections WHERE name = ?')

  /**
   * Counts only existing names, because callers can put other names into rejected requests and the table must not grow
   * that way.
   */
  function createNames(): (row: CountedRow) => [project: string, connection: string] {
    const known = new Map<string, string>()
    const name = (kind: 'p' | 'c', given: string | null): string => {
      if (given === null || given === '') return ''
      const key = kind + given
      let found = known.get(key)
      if (found === undefined) {
        found = (kind === 'p' ? hasProject : hasConnection).get(given) === undefined ? '' : given
        known.set(key, found)
      }
      return found
    }
    return (row) => [name('p', row.project), name('c', row.connection)]
  }

  function store(step: number, count: Count): void {
    const at = Math.floor(count.at / step) * step
    const before = read.get(step, at, count.project, count.connection) ?? { requests: 0, errors: 0, durations: EMPTY }
    const durations: DurationHistogram = new Map(count.durations)
    addEncoded(durations, before.durations)
    write.run(
      step,
      at,
      count.project,
      count.connection,
      before.requests + count.requests,
      before.errors + count.errors,
      encodeHistogram(durations),
    )
  }

  return (rows) => {
    const namesOf = createNames()
    let counts = new Map<string, Count>()
    for (const row of rows) {
      const [project, connection] = namesOf(row)
      for (const [one, other] of scopesOf(project, connection)) {
        add(
          counts,
          {
            at: row.time,
            project: one,
            connection: other,
            requests: 1,
            errors: (row.status ?? 0) >= 400 ? 1 : 0,
            durations: single(row.duration_ms),
          },
          COUNT_LEVELS[0]?.ms ?? 1,
        )
      }
    }
    for (const { ms } of COUNT_LEVELS) {
      counts = coarser(counts, ms)
      for (const count of counts.values()) store(ms, count)
    }
  }
}

export function requestCountWriters(database: Database): {
  countRequests(rows: readonly RequestRecord[]): void
  pruneRequestCounts(now: number, before: number): void
} {
  const count = countWriter(database)
  const remove = database.prepare<[number, number]>('DELETE FROM request_counts WHERE step = ? AND at < ?')
  return {
    countRequests: database.transaction((rows: readonly RequestRecord[]) =>
      count(rows.map((row) => ({ ...row, time: Date.parse(row.time) }))),
    ),
    pruneRequestCounts: database.transaction((now: number, before: number) => {
      // A step that reaches over the border is kept: it still counts rows that are.
      for (const { ms, keptMs } of COUNT_LEVELS) remove.run(ms, Math.max(before, now - keptMs) - ms)
    }),
  }
}

function scopesOf(project: string, connection: string): [string, string][] {
  const scopes: [string, string][] = [['', '']]
  if (project !== '') scopes.push([project, ''])
  if (connection !== '') scopes.push(['', connection])
  if (project !== '' && connection !== '') scopes.push([project, connection])
  return scopes
}

function single(duration: number | null): DurationHistogram {
  return duration === null ? new Map() : new Map([[bucketOf(duration), 1]])
}

function coarser(counts: ReadonlyMap<string, Count>, step: number): Map<string, Count> {
  const result = new Map<string, Count>()
  for (const count of counts.values()) add(result, count, step)
  return result
}

function add(counts: Map<string, Count>, count: Count, step: number): void {
  const at = Math.floor(count.at / step) * step
  const key = `${at} ${count.project} ${count.connection}`
  const known = counts.get(key)
  if (known === undefined) {
    counts.set(key, { ...count, at, durations: new Map(count.durations) })
    return
  }
  known.requests += count.requests
  known.errors += count.errors
  for (const [bucket, times] of count.durations) addToHistogram(known.durations, bucket, times)
}

export function requestCountReaders(database: Database): {
  requestCounts(span: CountSpan): Iterable<StoredCount>
  countsByConnection(span: Omit<CountSpan, 'connection'>): ConnectionCount[]
} {
  const one = database.prepare<[number, number, string, string], Stored>(
    'SELECT requests, errors, durations FROM request_counts WHERE step = ? AND at = ? AND project = ? AND connection = ?',
  )
  const byConnection = database.prepare<[number, number, number, string], ConnectionCount>(
    "SELECT connection, sum(requests) AS requests, sum(errors) AS errors FROM request_counts WHERE step = ? AND at >= ? AND at < ? AND project = ? AND connection <> '' GROUP BY connection",
  )
  const oldest = database.prepare<[number], number | null>('SELECT min(at) FROM request_counts WHERE step = ?').pluck()
  return {
    // One lookup per step: a range would also read every other project and connection in it.
    *requestCounts({ project = '', connection = '', step, from, to }) {
      const first = Math.max(Math.floor(from / step) * step, oldest.get(step) ?? to)
      for (let at = first; at < to; at += step) {
        const stored = one.get(step, at, project, connection)
        if (stored !== undefined) yield { at, ...stored }
      }
    },
    countsByConnection: ({ project = '', step, from, to }) => byConnection.all(step, from, to, project),
  }
}
