import { setImmediate as turn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import type { LogReport } from '../../../contract/records.ts'
import type { LogKey } from '../log-key.ts'
import { checkpointSeal, hashOf, headSeal, lastUnsealed, type ChainState, type Seal } from './writing/log-chain.ts'
import { SELECT_REQUESTS, toRecord, type StoredRequest } from './request-rows.ts'

/** Number of batches that are checked between two turns of the event loop and reports. */
const BATCHES_PER_TURN = 20
const BATCHES_PER_REPORT = 2000

/**
 * Checks every seal: each batch has its rows unchanged and follows the previous one, the checkpoint and the newest
 * batch are as sealed, and no row ended without a seal.
 */
export async function* verifyChain(
  database: Database,
  { key, origin }: Pick<LogKey, 'key' | 'origin'>,
  signal: AbortSignal,
): AsyncGenerator<LogReport, void> {
  const rowsOf = database.prepare<[number, number, number], StoredRequest>(
    `${SELECT_REQUESTS} WHERE id BETWEEN ? AND ? AND seal = ? ORDER BY id`,
  )
  const nextSeals = database.prepare<[string, number, number], Seal>(
    'SELECT * FROM log_seals WHERE chain = ? AND batch > ? ORDER BY batch LIMIT ?',
  )
  const unsealedTo = lastUnsealed(database)
  const report: LogReport = { rows: 0, batches: 0, unsealed: 0, removed: 0, done: false, problem: null }
  const states = database.prepare<[], ChainState>('SELECT * FROM log_chains').all()
  // Rows are still being written, so the log is checked up to here.
  const highest = database.prepare<[], number>('SELECT coalesce(max(id), 0) FROM requests').pluck().get() as number

  function failed(message: string, batch: number | null, firstId: number | null): LogReport {
    return { ...report, done: true, problem: { batch, first_id: firstId, message } }
  }

  if (origin !== null && unsealedTo !== origin) {
    yield failed('Rows were declared older than the seals.', null, null)
    return
  }
  for (const state of states) {
    const { chain } = state
    const checkpoint = { batch: state.checkpoint_batch, hash: state.checkpoint_hash, rows: state.checkpoint_rows }
    if (checkpoint.batch > 0 && state.checkpoint_seal !== checkpointSeal(key, chain, checkpoint)) {
      yield failed('The checkpoint of deleted rows was changed.', checkpoint.batch, null)
      return
    }
    report.removed += checkpoint.rows
    let before = checkpoint.hash
    let at = checkpoint.batch
    let newest: { batch: number; hash: string } = checkpoint
    for (;;) {
      if (signal.aborted) return
      const seals = nextSeals.all(chain, at, BATCHES_PER_TURN)
      for (const seal of seals) {
        const rows = rowsOf.all(seal.first_id, seal.last_id, seal.batch).map(toRecord)
        if (rows.length !== seal.rows) {
          yield failed(`${seal.rows - rows.length} of ${seal.rows} rows are missing.`, seal.batch, seal.first_id)
          return
        }
        if (hashOf(key, before, seal.batch, rows) !== seal.hash) {
          yield failed('Rows were changed, or the batch before them was removed.', seal.batch, seal.first_id)
          return
        }
        before = seal.hash
        newest = seal
        report.rows += seal.rows
        report.batches += 1
        if (report.batches % BATCHES_PER_REPORT === 0) yield { ...report }
      }
      const last = seals.at(-1)
      if (last === undefined) break
      at = last.batch
      await turn()
    }
    const head = database.prepare<[string], ChainState>('SELECT * FROM log_chains WHERE chain = ?').get(chain)
    const isHead = head?.head_batch === newest.batch && head.head_seal === headSeal(key, chain, newest)
    // A batch may have been sealed since the last read. A head that names an older batch means that newer ones were
    // deleted.
    if (head !== undefined && (head.head_batch > 0 || origin !== null) && !isHead && head.head_batch <= newest.batch) {
      yield failed('The newest batch is not the one that was sealed last.', newest.batch, null)
      return
    }
    if (head !== undefined && head.head_batch > newest.batch && nextSeals.all(chain, newest.batch, 1).length === 0) {
      yield failed('The newest rows were removed.', head.head_batch, null)
      return
    }
  }
  const stray = database
    .prepare<[number, number], number>(
      'SELECT id FROM requests WHERE id > ? AND id <= ? AND seal IS NULL AND status IS NOT NULL ORDER BY id LIMIT 1',
    )
    .pluck()
    .get(unsealedTo, highest)
  if (stray !== undefined) {
    yield failed('A row was added that no batch seals.', null, stray)
    return
  }
  report.unsealed = database
    .prepare<[number], number>('SELECT count(*) FROM requests WHERE id <= ?')
    .pluck()
    .get(unsealedTo) as number
  yield { ...report, done: true }
}

/** Tables of the request log whose size grows with it. They are checked after a crash, in the background. */
export const LARGE_TABLES = ['requests', 'request_blocks', 'request_payloads'] as const

/** Returns whether the structure of the log's tables and their indexes is intact. */
export function isSound(database: Database): boolean {
  return LARGE_TABLES.every((name) => database.pragma(`quick_check(${name})`, { simple: true }) === 'ok')
}
