import type { RequestRecord } from '../../contract/records.ts'

/** A row of the log on its way to disk. Its record is completed in place when the request ends. */
export interface Entry {
  record: RequestRecord
  /** It is on disk, or in a batch that is being written. */
  inserted: boolean
  /** It waits for the next batch. */
  isWaiting: boolean
}

export interface RowBatch {
  entries: readonly Entry[]
  /** Those that are new on disk. */
  opened: readonly Entry[]
  rows: { opened: RequestRecord[]; closed: RequestRecord[] }
  /** Those that have ended before the batch is written. */
  ended: RequestRecord[]
}

export function batchOf(entries: readonly Entry[]): RowBatch {
  const opened = entries.filter((entry) => !entry.inserted)
  const closing = entries.filter((entry) => entry.inserted)
  const rows = { opened: opened.map((entry) => entry.record), closed: closing.map((entry) => entry.record) }
  const ended = entries.map((entry) => entry.record).filter((record) => record.status !== null)
  return { entries, opened, rows, ended }
}

/** Marks the rows as written, or as being written. */
export function take({ entries }: RowBatch): void {
  for (const entry of entries) {
    entry.inserted = true
    entry.isWaiting = false
  }
}

/** Marks the rows of a batch that wasn't written as waiting. */
export function putBack({ entries, opened }: RowBatch): void {
  for (const entry of opened) entry.inserted = false
  for (const entry of entries) entry.isWaiting = true
}
