import type { Database } from 'better-sqlite3'
import type { RequestRecord } from '../../../../contract/records.ts'
import { COUNT_LEVELS } from './count-levels.ts'
import { statusRange } from '../request-conditions.ts'

/**
 * What requests are counted by. `method` is the method or tool, `cause` why they were denied or failed. Their positions are
 * stored, so a new one goes to the end.
 */
export const COUNTED_BY = ['connection', 'token', 'client', 'method', 'cause'] as const
export type CountedBy = (typeof COUNTED_BY)[number]

/**
 * How many names of a kind a project has counts of. Callers choose the names of clients, methods and resources, so the
 * rest is counted together, under an empty name.
 */
const MAX_NAMES: Record<CountedBy, number> = {
  connection: 10_000,
  token: 10_000,
  client: 50,
  method: 2000,
  cause: 2000,
}

export interface KeyedRow extends Pick<
  RequestRecord,
  | 'id'
  | 'project'
  | 'connection'
  | 'token'
  | 'token_kind'
  | 'parent'
  | 'client'
  | 'method'
  | 'transport'
  | 'cause'
  | 'status'
> {
  time: number
}

export interface KeySpan {
  by: CountedBy
  project?: string | undefined
  step: number
  from: number
  to: number
}
/** Requests of one name in one step. `last_id` is the newest of them. */
export interface KeyCount {
  project: string
  name: string
  at: number
  requests: number
  denied: number
  failed: number
  last_id: number
}

const DENIED = statusRange('denied')

/** Returns whether a request that has ended was denied or rejected by Hallpass, or failed or was interrupted. */
export function endOf(status: number | null): 'denied' | 'failed' | 'ok' {
  if (status === null || (status > 0 && status < DENIED.from)) return 'ok'
  return status >= DENIED.from && status <= DENIED.to ? 'denied' : 'failed'
}

type Counted = Omit<KeyCount, 'project' | 'name'> & { kind: number; key: number }

/** Returns a function that counts groups of ended rows by name. It runs inside the caller's transaction. */
export function keyCountWriter(
  database: Database,
): (groups: readonly (KeyedRow & { requests: number })[], now: number) => void {
  const find = database
    .prepare<[string, string, string], number>(
      'SELECT id FROM request_keys WHERE kind = ? AND project = ? AND name = ?',
    )
    .pluck()
  const count = database
    .prepare<[string, string], number>('SELECT count(*) FROM request_keys WHERE kind = ? AND project = ?')
    .pluck()
  const insert = database
    .prepare<[string, string, string], number>(
      'INSERT INTO request_keys (kind, project, name) VALUES (?, ?, ?) RETURNING id',
    )
    .pluck()
  const add = database.prepare(
    `INSERT INTO request_key_counts (kind, step, at, key, requests, denied, failed, last_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, step, at, key) DO UPDATE SET requests = requests + excluded.requests,
       denied = denied + excluded.denied, failed = failed + excluded.failed, last_id = max(last_id, excluded.last_id)`,
  )

  function keyOf(kind: CountedBy, project: string, name: string): number {
    const known = find.get(kind, project, name)
    if (known !== undefined) return known
    const isFull = name !== '' && (count.get(kind, project) as number) >= MAX_NAMES[kind]
    return isFull ? keyOf(kind, project, '') : (insert.get(kind, project, name) as number)
  }

  return (groups, now) => {
    const keys = new Map<string, number>()
    let counts = new Map<string, Counted>()
    for (const row of groups) {
      const { requests } = row
      const end = endOf(row.status)
      for (const [kind, by] of COUNTED_BY.entries()) {
        const name = nameOf(row, by)
        if (name === null || name === '') continue
        const named = JSON.stringify([kind, row.project, name])
        const key = keys.get(named) ?? keyOf(by, row.project ?? '', name)
        keys.set(named, key)
        sum(counts, COUNT_LEVELS[0]?.ms ?? 1, {
          kind,
          key,
          at: row.time,
          requests,
          denied: end === 'denied' ? requests : 0,
          failed: end === 'failed' ? requests : 0,
          last_id: row.id,
        })
      }
    }
    for (const { ms, keptMs } of COUNT_LEVELS) {
      const coarser = new Map<string, Counted>()
      for (const each of counts.values()) sum(coarser, ms, each)
      counts = coarser
      for (const { kind, at, key, requests, denied, failed, last_id: last } of counts.values())
        if (at >= now - keptMs - ms) add.run(kind, ms, at, key, requests, denied, failed, last)
    }
  }
}

function sum(counts: Map<string, Counted>, step: number, count: Counted): void {
  const at = Math.floor(count.at / step) * step
  const id = `${count.key} ${at}`
  const known = counts.get(id)
  if (known === undefined) {
    counts.set(id, { ...count, at })
    return
  }
  known.requests += count.requests
  known.denied += count.denied
  known.failed += count.failed
  known.last_id = Math.max(known.last_id, count.last_id)
}

/** Returns the name that a row counts for, as the log's filter finds it. Actions of the owner use no tool. */
export function nameOf(
  row: Omit<KeyedRow, 'cause' | 'status'> & { cause: string | null },
  by: CountedBy,
): string | null {
  switch (by) {
    case 'token':
      return row.token_kind === 'owner' ? null : (row.parent ?? row.token)
    case 'method':
      return row.transport === 'control' ? null : row.method
    default:
      return row[by]
  }
}

export function keyCountReader(database: Database): (span: KeySpan) => KeyCount[] {
  const read = database.prepare<[number, number, number, number, string | null], KeyCount>(
    `SELECT k.project, k.name, c.at, c.requests, c.denied, c.failed, c.last_id
     FROM request_key_counts c JOIN request_keys k ON k.id = c.key
     WHERE c.kind = ? AND c.step = ? AND c.at >= ? AND c.at < ? AND k.project = coalesce(?, k.project)`,
  )
  return ({ by, project = null, step, from, to }) => read.all(COUNTED_BY.indexOf(by), step, from, to, project)
}
