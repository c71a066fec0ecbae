import type { Database } from 'better-sqlite3'
import type { RequestRecord } from '../../../contract/records.ts'
import { statusRange } from './request-conditions.ts'
import type { RequestQuery } from './request-store.ts'

/**
 * An index of the log by blocks of this many rows: which values occur in which block. A row adds almost nothing to it, because
 * its neighbors have the same values. A search skips the blocks without a value and reads the others.
 */
export const BLOCK_ROWS = 256

const OPENING_FIELDS = ['project', 'token', 'token_hash', 'client', 'transport', 'connection', 'method'] as const
const CLOSING_FIELDS = ['status', 'code', 'cause'] as const
type Field = (typeof OPENING_FIELDS)[number] | (typeof CLOSING_FIELDS)[number]

/** Stops the search for a common block of several values after this many steps. Any block found by then is a valid start. */
const MAX_STEPS = 64

function blockOf(id: number): number {
  return Math.floor(id / BLOCK_ROWS)
}

interface BlockWriter {
  /** Adds the values of new rows, inside the caller's transaction. */
  opened(rows: readonly RequestRecord[]): void
  /** Adds how rows ended. */
  closed(rows: readonly RequestRecord[]): void
  /** Removes the blocks below a row. */
  prune(firstId: number): void
}

export function blockWriter(database: Database): BlockWriter {
  const insert = database.prepare<[Field, string, number]>(
    'INSERT OR IGNORE INTO request_blocks (field, value, block) VALUES (?, ?, ?)',
  )
  const remove = database.prepare<[number]>('DELETE FROM request_blocks WHERE block < ?')

  /** Inserts each value once per batch. Rows come in the order of their blocks, with few exceptions. */
  function createAdd(): (field: Field, value: string | number | null, block: number) => void {
    const added = new Map<Field, Map<string | number, number>>()
    for (const field of [...OPENING_FIELDS, ...CLOSING_FIELDS]) added.set(field, new Map())
    return (field, value, block) => {
      const known = added.get(field)
      if (value === null || known === undefined || known.get(value) === block) return
      known.set(value, block)
      insert.run(field, String(value), block)
    }
  }

  return {
    opened(rows) {
      const add = createAdd()
      for (const row of rows) {
        const block = blockOf(row.id)
        for (const field of OPENING_FIELDS) add(field, row[field], block)
        // A session's requests belong to its parent token too.
        add('token', row.parent, block)
        for (const field of CLOSING_FIELDS) add(field, row[field], block)
      }
    },
    closed(rows) {
      const add = createAdd()
      for (const row of rows) for (const field of CLOSING_FIELDS) add(field, row[field], blockOf(row.id))
    },
    prune: (firstId) => void remove.run(blockOf(firstId)),
  }
}

/** Filters for values, and their fields. */
const FILTERS = [
  ['hash', 'token_hash'],
  ['cause', 'cause'],
  ['token', 'token'],
  ['client', 'client'],
  ['connection', 'connection'],
  ['method', 'method'],
  ['code', 'code'],
  ['project', 'project'],
] as const

/**
 * Returns a function that returns the newest ID below `before` that can match all indexed filters of a query, or null. Other
 * rows above it need not be read.
 */
export function candidateReads(database: Database): (query: RequestQuery, before: number) => number | null {
  const newestBlock = database
    .prepare<[Field, string, number], number | null>(
      'SELECT max(block) FROM request_blocks WHERE field = ? AND value = ? AND block <= ?',
    )
    .pluck()
  const newestWithId = database
    .prepare<[string, number], number | null>('SELECT max(id) FROM requests WHERE request_id = ? AND id < ?')
    .pluck()
  const nextStatus = database
    .prepare<[string], string | null>("SELECT min(value) FROM request_blocks WHERE field = 'status' AND value > ?")
    .pluck()

  function statusesIn(word: string): string[] {
    const { from, to, zero } = statusRange(word)
    const found: string[] = []
    for (let status = nextStatus.get(''); typeof status === 'string'; status = nextStatus.get(status))
      if ((Number(status) >= from && Number(status) <= to) || (zero && status === '0')) found.push(status)
    return found
  }

  /** The values that each indexed filter allows. A match has one of each. */
  function valuesOf(query: RequestQuery): [Field, readonly string[]][] {
    const all: [Field, readonly string[]][] = []
    for (const [filter, field] of FILTERS) {
      const values = query[filter]
      if (values !== undefined) all.push([field, typeof values === 'string' ? [values] : values])
    }
    if (query.owner_actions === 'only') all.push(['transport', ['control']])
    if (query.status !== undefined) all.push(['status', statusesIn(query.status)])
    return all
  }

  function newest([field, values]: [Field, readonly string[]], highest: number): number {
    let block = -1
    for (const value of values) block = Math.max(block, newestBlock.get(field, value, highest) ?? -1)
    return block
  }

  return (query, before) => {
    let highest = before - 1
    if (query.request_id !== undefined) highest = newestWithId.get(query.request_id, before) ?? -1
    const wanted = valuesOf(query)
    let block = blockOf(highest)
    for (let unchanged = 0, step = 0; unchanged < wanted.length && step < MAX_STEPS; step += 1) {
      const values = wanted[step % wanted.length]
      const found = values === undefined ? block : newest(values, block)
      unchanged = found === block ? unchanged + 1 : 1
      block = found
      if (block < 0) return null
    }
    highest = Math.min(highest, (block + 1) * BLOCK_ROWS - 1)
    return highest < 0 ? null : highest
  }
}
