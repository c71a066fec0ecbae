import type { Database } from 'better-sqlite3'
import type { RequestRecord } from '../../../../contract/records.ts'
import { COUNT_LEVELS } from './count-levels.ts'
import { groupRows } from './group-rows.ts'
import { knownNames } from './known-names.ts'
import { COUNTED_BY, endOf, keyCountWriter, type KeyedRow } from './request-key-counts.ts'
import { addEncoded, addToHistogram, encodeHistogram, type DurationHistogram } from './duration-histogram.ts'

/** What is counted of a request that has ended. `ours_ms` is the part of its duration that Hallpass took. */
export interface CountedRow extends KeyedRow {
  duration_ms: number | null
  ours_ms: number | null
}
interface Count {
  at: number
  project: string
  connection: string
  requests: number
  denied: number
  failed: number
  durations: DurationHistogram
  ours: DurationHistogram
}
interface Stored {
  requests: number
  denied: number
  failed: number
  durations: Buffer
  ours: Buffer
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

const EMPTY = Buffer.alloc(0)

const COLUMNS = 'requests, denied, failed, durations, ours'
const SELECT_COUNT = `SELECT ${COLUMNS} FROM request_counts WHERE step = ? AND at = ? AND project = ? AND connection = ?`

/**
 * Returns a function that counts ended rows. It runs inside the caller's transaction. Rows that are older than a level
 * keeps at `now` aren't counted in it.
 */
export function countWriter(database: Database): (rows: readonly CountedRow[], now?: number) => void {
  const read = database.prepare<[number, number, string, string], Stored>(SELECT_COUNT)
  const write = database.prepare(
    `INSERT OR REPLACE INTO request_counts (step, at, project, connection, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const countKeys = keyCountWriter(database)
  const namesIn = knownNames(database)

  function store(step: number, count: Count): void {
    const at = Math.floor(count.at / step) * step
    const before = read.get(step, at, count.project, count.connection)
    const durations: DurationHistogram = new Map(count.durations)
    const ours: DurationHistogram = new Map(count.ours)
    addEncoded(durations, before?.durations ?? EMPTY)
    addEncoded(ours, before?.ours ?? EMPTY)
    write.run(
      step,
      at,
      count.project,
      count.connection,
      (before?.requests ?? 0) + count.requests,
      (before?.denied ?? 0) + count.denied,
      (before?.failed ?? 0) + count.failed,
      encodeHistogram(durations),
      encodeHistogram(ours),
    )
  }

  return (rows, now = -Infinity) => {
    const names = namesIn()
    const groups = groupRows(rows).map((group) => ({
      ...group,
      project: names.project(group.project),
      connection: names.connection(group.connection),
    }))
    let counts = new Map<string, Count>()
    for (const { time: at, status, requests, durations, ours, ...group } of groups) {
      const end = endOf(status)
      const ends = { denied: end === 'denied' ? requests : 0, failed: end === 'failed' ? requests : 0 }
      for (const [project, connection] of scopesOf(group.project, group.connection))
        add(counts, { at, project, connection, requests, ...ends, durations, ours }, COUNT_LEVELS[0]?.ms ?? 1)
    }
    for (const { ms, keptMs } of COUNT_LEVELS) {
      counts = coarser(counts, ms)
      for (const count of counts.values()) if (count.at >= now - keptMs - ms) store(ms, count)
    }
    countKeys(groups, now)
  }
}

export function requestCountWriters(database: Database): {
  countRequests(rows: readonly RequestRecord[]): void
  pruneRequestCounts(now: number, before: number): void
} {
  const count = countWriter(database)
  const remove = database.prepare<[number, number]>('DELETE FROM request_counts WHERE step = ? AND at < ?')
  // Names every kind, because the index begins with it.
  const removeKeyed = database.prepare<[number, number]>(
    `DELETE FROM request_key_counts WHERE kind IN (${[...COUNTED_BY.keys()].join(', ')}) AND step = ? AND at < ?`,
  )
  const removeKeys = database.prepare('DELETE FROM request_keys WHERE id NOT IN (SELECT key FROM request_key_counts)')
  return {
    countRequests: database.transaction((rows: readonly RequestRecord[]) => count(rows.map(countedRow))),
    pruneRequestCounts: database.transaction((now: number, before: number) => {
      // A step across the boundary is kept, because it also counts rows that are kept.
      let removed = 0
      for (const { ms, keptMs } of COUNT_LEVELS) {
        const end = Math.max(before, now - keptMs) - ms
        remove.run(ms, end)
        removed = removeKeyed.run(ms, end).changes
      }
      // A name is deleted with its last coarsest step, which is kept longest.
      if (removed > 0) removeKeys.run()
    }),
  }
}

/** Returns what is counted of a request. Hallpass's own part is the checks and the reply. */
export function countedRow(row: RequestRecord): CountedRow {
  const { timing } = row
  const { id, project, connection, token, token_kind, parent, client, method, transport, cause, status } = row
  return {
    id,
    project,
    connection,
    token,
    token_kind,
    parent,
    client,
    method,
    transport,
    cause,
    status,
    time: Date.parse(row.time),
    duration_ms: row.duration_ms,
    ours_ms: timing === null ? null : timing.checks_ms + (timing.reply_ms ?? 0),
  }
}

function scopesOf(project: string, connection: string): [string, string][] {
  const scopes: [string, string][] = [['', '']]
  if (project !== '') scopes.push([project, ''])
  if (connection !== '') scopes.push(['', connection])
  if (project !== '' && connection !== '') scopes.push([project, connection])
  return scopes
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
    counts.set(key, { ...count, at, durations: new Map(count.durations), ours: new Map(count.ours) })
    return
  }
  known.requests += count.requests
  known.denied += count.denied
  known.failed += count.failed
  for (const [bucket, times] of count.durations) addToHistogram(known.durations, bucket, times)
  for (const [bucket, times] of count.ours) addToHistogram(known.ours, bucket, times)
}

export function requestCountReader(database: Database): (span: CountSpan) => Iterable<StoredCount> {
  const one = database.prepare<[number, number, string, string], Stored>(SELECT_COUNT)
  const oldest = database.prepare<[number], number | null>('SELECT min(at) FROM request_counts WHERE step = ?').pluck()
  // One lookup per step: a range would also read every other project and connection in it.
  return function* requestCounts({ project = '', connection = '', step, from, to }) {
    const first = Math.max(Math.floor(from / step) * step, oldest.get(step) ?? to)
    for (let at = first; at < to; at += step) {
      const stored = one.get(step, at, project, connection)
      if (stored !== undefined) yield { at, ...stored }
    }
  }
}
