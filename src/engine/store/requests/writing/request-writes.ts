import type { Database } from 'better-sqlite3'
import { chainOf, CHAINS, createLogChain, type ChainName, type Heads, type Seal } from './log-chain.ts'
import { blockWriter } from '../request-blocks.ts'
import { SELECT_REQUESTS, toRecord, type StoredRequest } from '../request-rows.ts'
import { batchWriter, type Batch, type Written } from './batch-writer.ts'

/** Maximum number of rows that one `prune` deletes, rounded up to whole batches: a few milliseconds of work. */
const PRUNE_STEP = 1000
/** Share of the rows for requests without a token, so that strangers can't displace the rows of tokens. */
const STRANGERS_SHARE = 0.1

/** What a batch adds to the number of rows. Taken when it is started, because records change while it is being written. */
export interface Added {
  opened: number
  ended: readonly ChainName[]
  /** Which numbers were known then. One that was read since may contain the batch or not, so it is read again. */
  known: { total: boolean; sealed: boolean }
}

export interface RequestWrites {
  write(batch: Batch): void
  /** The newest batches, which a batch that is written elsewhere follows. */
  heads(): Heads
  added(batch: Batch): Added
  /** Takes over what a batch changed that was written elsewhere. Without its heads, they are read again. */
  wasWritten(added: Added, heads: Written['heads'] | null): void
  /** Whether a batch is in the table. It is there as a whole or not at all. */
  contains(batch: Batch): boolean
  highestId(): number
  prune(before: number, keep: number): number
  closeInterrupted(): number
  rowCount(): number
}

export function requestWrites(database: Database, key: Buffer): RequestWrites {
  const chain = createLogChain(database, key)
  const blocks = blockWriter(database)
  const writeBatch = batchWriter(database, key)
  const find = database.prepare<[number], { status: number | null }>('SELECT status FROM requests WHERE id = ?')
  const highest = database
    .prepare<[], number>(
      'SELECT max((SELECT coalesce(max(id), 0) FROM requests), (SELECT coalesce(max(highest_request_id), 0) FROM store_identity))',
    )
    .pluck()
  const rememberHighest = database.prepare('UPDATE store_identity SET highest_request_id = ?')
  const open = database.prepare<[], StoredRequest>(`${SELECT_REQUESTS} WHERE status IS NULL`)
  const unsealedTo = database.prepare<[], number>('SELECT max(unsealed_to) FROM log_chains').pluck()
  const lowest = database.prepare<[], number>('SELECT coalesce(min(id), 0) FROM requests').pluck()
  const countRunning = database.prepare<[], number>('SELECT count(*) FROM requests WHERE status IS NULL').pluck()
  // One pass over the table. The index on chains would need a lookup for each batch.
  const sealedRows = database.prepare<[], Record<ChainName, number>>(
    `SELECT ${CHAINS.map((name) => `coalesce(sum(iif(chain = '${name}', rows, 0)), 0) AS ${name}`).join(', ')} FROM log_seals NOT INDEXED`,
  )
  const unsealedRows = database.prepare<[number], number>('SELECT count(*) FROM requests WHERE id <= ?').pluck()
  // Only the oldest rows are looked at, because times are not indexed.
  const oldUnsealed = database.prepare(
    `DELETE FROM requests WHERE id IN (
       SELECT id FROM (SELECT id, time FROM requests WHERE id <= ? ORDER BY id LIMIT ${PRUNE_STEP}) WHERE time < ?)`,
  )
  const lowestUnsealed = database.prepare(
    'DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE id <= ? ORDER BY id LIMIT ?)',
  )
  const oldest = database.prepare<[string], Seal>(
    `SELECT * FROM log_seals WHERE chain = ? ORDER BY batch LIMIT ${PRUNE_STEP}`,
  )
  const removeBatch = database.prepare<[number, number, number]>(
    'DELETE FROM requests WHERE id BETWEEN ? AND ? AND seal = ?',
  )
  /** Null until they are read, and after a batch of which only the rows are known. */
  let heads: Heads | null = null
  // Counted once and then updated. Batches are counted instead of rows, because SQLite counts rows by reading them.
  let total: number | null = null
  let legacy: number | null = null
  const sealed = new Map<ChainName, number>()

  function rowCount(): number {
    total ??= (countRunning.get() as number) + sealedCount('tokens') + sealedCount('strangers')
    // Rows from before the log was sealed have no gaps, because retention deletes the oldest first.
    return total + Math.max(0, (unsealedTo.get() as number) - Math.max(1, lowest.get() as number) + 1)
  }

  function sealedCount(name: ChainName): number {
    if (!sealed.has(name)) {
      const rows = sealedRows.get() as Record<ChainName, number>
      for (const one of CHAINS) sealed.set(one, rows[one])
    }
    return sealed.get(name) ?? 0
  }

  /** Rows from before the log was sealed. Counts down to zero. */
  function pruneUnsealed(before: number, keep: number): number {
    const to = unsealedTo.get() as number
    if (to === 0 || (lowest.get() as number) > to) return 0
    const old = oldUnsealed.run(to, before).changes
    // IDs increase by one, so their range bounds the number of rows without counting them.
    if (old > 0 || to - (lowest.get() as number) + 1 + sealedCount('tokens') <= keep) return old
    legacy ??= unsealedRows.get(to) as number
    const surplus = Math.min(legacy + sealedCount('tokens') - keep, PRUNE_STEP)
    return old > 0 || surplus <= 0 ? old : lowestUnsealed.run(to, surplus).changes
  }

  function pruneChain(name: ChainName, before: number, keep: number): number {
    const surplus = sealedCount(name) - keep
    const gone: Seal[] = []
    let removed = 0
    for (const seal of oldest.all(name)) {
      if (removed >= PRUNE_STEP || !(seal.newest < before || removed < surplus)) break
      removeBatch.run(seal.first_id, seal.last_id, seal.batch)
      gone.push(seal)
      removed += seal.rows
    }
    if (gone.length > 0) chain.remove(gone)
    return removed
  }

  const pruneStep = database.transaction((before: number, keep: number) => {
    rememberHighest.run(highest.get())
    const removed = { unsealed: pruneUnsealed(before, keep), tokens: 0, strangers: 0 }
    for (const name of removed.unsealed > 0 ? [] : CHAINS) {
      const maxRows = name === 'strangers' ? Math.ceil(keep * STRANGERS_SHARE) : keep
      removed[name] = pruneChain(name, before, maxRows)
    }
    if (removed.unsealed + removed.tokens + removed.strangers > 0) blocks.prune(lowest.get() as number)
    return removed
  })

  function added({ opened, closed }: Batch): Added {
    return {
      opened: opened.length,
      ended: [...opened, ...closed].filter((row) => row.status !== null).map((row) => chainOf(row)),
      known: { total: total !== null, sealed: sealed.size > 0 },
    }
  }

  function wasWritten({ opened, ended, known }: Added, next: Heads | null): void {
    heads = next
    total = total === null || !known.total ? null : total + opened
    if (!known.sealed) sealed.clear()
    for (const name of ended) {
      const rows = sealed.get(name)
      if (rows !== undefined) sealed.set(name, rows + 1)
    }
  }

  // Counted after the commit, because a transaction that was rolled back changed nothing.
  function write(batch: Batch): void {
    const after = (heads ??= chain.heads())
    // Read again after a failure: another program may have written.
    heads = null
    wasWritten(added(batch), writeBatch(batch, after).heads)
  }

  return {
    write,
    heads: () => (heads ??= chain.heads()),
    added,
    wasWritten,
    contains({ opened: [opened], closed: [closed] }) {
      if (opened !== undefined) return find.get(opened.id) !== undefined
      return closed !== undefined && typeof find.get(closed.id)?.status === 'number'
    },
    highestId: () => highest.get() as number,
    prune(before, keep) {
      const gone = pruneStep(before, keep)
      if (legacy !== null) legacy -= gone.unsealed
      for (const name of CHAINS) sealed.set(name, sealedCount(name) - gone[name])
      const removed = gone.unsealed + gone.tokens + gone.strangers
      if (total !== null) total -= gone.tokens + gone.strangers
      return removed
    },
    closeInterrupted() {
      const rows = open
        .all()
        .map((stored) => ({ ...toRecord(stored), status: 0, code: 'INTERRUPTED', duration_ms: null, timing: null }))
      if (rows.length > 0) write({ opened: [], closed: rows, counted: [] })
      return rows.length
    },
    rowCount,
  }
}
