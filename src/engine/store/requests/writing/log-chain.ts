import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import type { RequestRecord } from '../../../../contract/records.ts'
import { sealedText } from '../request-rows.ts'

/** Rows without a token have a separate chain, because retention deletes them by a separate limit. */
export type ChainName = 'tokens' | 'strangers'
export const CHAINS: readonly ChainName[] = ['tokens', 'strangers']

/** A batch of rows that ended together. Its hash covers them and the hash of the previous batch in the chain. */
export interface Seal {
  batch: number
  chain: ChainName
  first_id: number
  last_id: number
  rows: number
  newest: number
  hash: string
}

/** A row in an export, with the batch that seals it and the batch's hash. Both are null while it is running. */
export type SealedRow = RequestRecord & { batch: number | null; chain: string | null }

export interface ChainState {
  chain: ChainName
  /** The last batch that retention deleted, and its hash. The chain starts there. */
  checkpoint_batch: number
  checkpoint_hash: string
  checkpoint_rows: number
  checkpoint_seal: string
  /** The newest batch, so that rows deleted at the end are noticed. */
  head_batch: number
  head_seal: string
}

/** Rows this far behind the newest of a batch are sealed separately, so that a batch covers a short range of IDs. */
const WIDEST_BATCH = 5000

/** The newest batch of each chain, and its hash. The next batch follows it. */
export type Heads = ReadonlyMap<ChainName, { batch: number; hash: string }>

interface LogChain {
  /** Reads the newest batches from the table. */
  heads(): Heads
  /**
   * Seals ended rows after these heads, inside the caller's transaction. Returns the batch of each row's ID, and the heads from
   * then on, which are true once the transaction is committed.
   */
  seal(
    after: Heads,
    ended: readonly RequestRecord[],
    textOf?: (row: RequestRecord) => string,
  ): { batches: ReadonlyMap<number, number>; heads: Heads }
  /** Moves the checkpoint past batches that retention deletes, inside the caller's transaction. */
  remove(seals: readonly Seal[]): void
}

export function chainOf(row: Pick<RequestRecord, 'token' | 'transport'>): ChainName {
  return row.token === null && row.transport !== 'control' ? 'strangers' : 'tokens'
}

export function createLogChain(database: Database, secret: Buffer): LogChain {
  // Prepared once, because each batch is sealed with it.
  const key = createSecretKey(secret)
  const insert = database.prepare(
    'INSERT INTO log_seals (batch, chain, first_id, last_id, rows, newest, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const readState = database.prepare<[], ChainState>('SELECT * FROM log_chains')
  const last = database.prepare<[string], Seal>('SELECT * FROM log_seals WHERE chain = ? ORDER BY batch DESC LIMIT 1')
  const setHead = database.prepare<[number, string, string]>(
    'UPDATE log_chains SET head_batch = ?, head_seal = ? WHERE chain = ?',
  )
  const setCheckpoint = database.prepare<[number, string, number, string, string]>(
    'UPDATE log_chains SET checkpoint_batch = ?, checkpoint_hash = ?, checkpoint_rows = ?, checkpoint_seal = ? WHERE chain = ?',
  )
  const removeSeal = database.prepare<[number]>('DELETE FROM log_seals WHERE batch = ?')

  return {
    heads: () =>
      new Map(
        readState.all().map((state) => {
          const seal = last.get(state.chain)
          const head = seal ?? { batch: state.checkpoint_batch, hash: state.checkpoint_hash }
          return [state.chain, { batch: head.batch, hash: head.hash }]
        }),
      ),
    seal(after, ended, textOf) {
      const heads = new Map(after)
      let next = Math.max(0, ...[...heads.values()].map(({ batch }) => batch)) + 1
      const batches = new Map<number, number>()
      for (const chain of CHAINS) {
        const rows = ended.filter((row) => chainOf(row) === chain).sort((one, other) => one.id - other.id)
        for (const batch of batchesOf(rows)) {
          const [first, final] = [batch[0], batch.at(-1)]
          if (first === undefined || final === undefined) continue
          const before = heads.get(chain) ?? { batch: 0, hash: '' }
          const hash = hashOf(key, before.hash, next, batch, textOf)
          // Timestamps of one format compare like their times.
          const newest = Date.parse(batch.reduce((time, row) => (row.time > time ? row.time : time), first.time))
          insert.run(next, chain, first.id, final.id, batch.length, newest, hash)
          for (const row of batch) batches.set(row.id, next)
          heads.set(chain, { batch: next, hash })
          next += 1
        }
        const head = heads.get(chain)
        if (rows.length > 0 && head !== undefined) setHead.run(head.batch, headSeal(key, chain, head), chain)
      }
      return { batches, heads }
    },
    remove(seals) {
      for (const chain of CHAINS) {
        const gone = seals.filter((seal) => seal.chain === chain)
        const final = gone.at(-1)
        const state = readState.all().find((one) => one.chain === chain)
        if (final === undefined || state === undefined) continue
        for (const { batch } of gone) removeSeal.run(batch)
        const rows = state.checkpoint_rows + gone.reduce((sum, seal) => sum + seal.rows, 0)
        const seal = checkpointSeal(key, chain, { batch: final.batch, hash: final.hash, rows })
        setCheckpoint.run(final.batch, final.hash, rows, seal, chain)
      }
    },
  }
}

/** Long requests end far behind the others, so each becomes a separate batch. */
function batchesOf(rows: readonly RequestRecord[]): RequestRecord[][] {
  const newest = rows.at(-1)?.id ?? 0
  const late = rows.filter((row) => row.id < newest - WIDEST_BATCH)
  return [...late.map((row) => [row]), rows.filter((row) => row.id >= newest - WIDEST_BATCH)]
}

export function hashOf(
  key: Buffer | KeyObject,
  before: string,
  batch: number,
  rows: readonly RequestRecord[],
  textOf: (row: RequestRecord) => string = (row) => sealedText(row),
): string {
  let text = `${before}\n${batch}`
  for (const row of rows) text += `\n${textOf(row)}`
  return createHmac('sha256', key).update(text).digest('hex')
}

export function headSeal(key: Buffer | KeyObject, chain: ChainName, head: { batch: number; hash: string }): string {
  return createHmac('sha256', key).update(`head\n${chain}\n${head.batch}\n${head.hash}`).digest('hex')
}

export function checkpointSeal(
  key: Buffer | KeyObject,
  chain: ChainName,
  { batch, hash, rows }: { batch: number; hash: string; rows: number },
): string {
  return createHmac('sha256', key).update(`checkpoint\n${chain}\n${batch}\n${hash}\n${rows}`).digest('hex')
}

/** Seals the heads of chains without batches, so that a chain can't be set back to its start. */
export function sealStarts(database: Database, key: Buffer): void {
  const seal = database.prepare<[string, string]>(
    'UPDATE log_chains SET head_seal = ? WHERE chain = ? AND head_batch = 0',
  )
  for (const chain of CHAINS) seal.run(headSeal(key, chain, { batch: 0, hash: '' }), chain)
}

/** Returns the last ID of the rows from before the log was sealed, or 0. */
export function lastUnsealed(database: Database): number {
  return database.prepare<[], number>('SELECT max(unsealed_to) FROM log_chains').pluck().get() as number
}
