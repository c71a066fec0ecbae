import type { Database } from 'better-sqlite3'
import type { RequestRecord } from '../../../../contract/records.ts'
import { countedRow, countWriter, type CountedRow } from '../counts/request-counts.ts'
import { blockWriter } from '../request-blocks.ts'
import { COMPLETE_REQUEST, completeValues, INSERT_REQUEST, rowValues, sealedText } from '../request-rows.ts'
import { createLogChain, type Heads } from './log-chain.ts'

/** New rows, and rows that are on disk and have ended since. */
export interface Batch {
  opened: readonly RequestRecord[]
  closed: readonly RequestRecord[]
  /** Earlier rows that are counted together with those that ended in this batch. Null counts nothing. */
  counted: readonly CountedRow[] | null
}

export interface Written {
  /** The newest batches of the chains from then on. */
  heads: Heads
  /** False if nothing was counted, also because that failed. */
  isCounted: boolean
}

/**
 * Returns a function that writes a batch in one transaction. It remembers nothing, so that the main thread and the log's thread
 * can take turns.
 */
export function batchWriter(database: Database, key: Buffer): (batch: Batch, after: Heads) => Written {
  const chain = createLogChain(database, key)
  const blocks = blockWriter(database)
  const insert = database.prepare(INSERT_REQUEST)
  const complete = database.prepare(COMPLETE_REQUEST)
  const addToCounts = countWriter(database)
  const countAll = database.transaction((rows: readonly CountedRow[]) => addToCounts(rows))

  /** Failed counts undo only themselves, because requests don't depend on them. */
  function count(rows: readonly CountedRow[]): boolean {
    try {
      countAll(rows)
      return true
    } catch (thrown) {
      // Some failures, such as a full disk, also undo everything before them.
      if (!database.inTransaction) throw thrown
      return false
    }
  }

  const writeAll = database.transaction(({ opened, closed, counted }: Batch, after: Heads): Written => {
    const ended = [...opened, ...closed].filter((row) => row.status !== null)
    // Used twice, and reading a time takes longer than anything else about them.
    const values = new Map(opened.map((row) => [row, rowValues(row)]))
    const { batches, heads } = chain.seal(after, ended, (row) => sealedText(row, values.get(row)))
    for (const [row, columns] of values) insert.run([...columns, batches.get(row.id) ?? null])
    for (const row of closed) complete.run(completeValues(row, batches.get(row.id) ?? null))
    blocks.opened(opened)
    blocks.closed(closed)
    return { heads, isCounted: counted !== null && count([...counted, ...ended.map((row) => countedRow(row))]) }
  })
  // Locks first. A transaction that reads before it writes fails if another connection wrote in between.
  return (batch, after) => writeAll.immediate(batch, after)
}
