import type { Database } from 'better-sqlite3'
import { HallpassError } from '../../../../contract/errors.ts'
import type { BulkProgress, BulkTarget } from '../../document-connector.ts'
import { parseBulkLine, readLines, type Line } from '../../ndjson.ts'
import { sqliteFailure } from '../document-failure.ts'
import { recordWriter, type RecordWriter } from './store-records.ts'

const BATCH_CHARACTERS = 4 * 1024 * 1024

/**
 * Loads NDJSON in batches, one transaction each: a batch is stored whole or not at all. Lines are parsed inside their
 * batch, so that no more than one batch is held.
 */
export async function* loadLines(
  db: Database,
  target: BulkTarget,
  body: AsyncIterable<Uint8Array>,
  batchLines: number,
): AsyncIterable<BulkProgress> {
  const progress: BulkProgress = { stored: 0, line: 0 }
  let batch: Line[] = []
  let characters = 0
  const store = db.transaction((lines: Line[]): number => {
    // Prepared anew each batch: another program may have changed the table meanwhile.
    return storeLines(recordWriter(db, target.table), target, lines)
  })

  const flush = (): BulkProgress => {
    progress.stored += store.immediate(batch)
    progress.line = (batch.at(-1) as Line).line
    batch = []
    characters = 0
    return { ...progress }
  }

  try {
    // Says at once that the table is missing, before a gigabyte has come in.
    recordWriter(db, target.table)
    for await (const lines of readLines(body)) {
      for (const line of lines) {
        batch.push(line)
        characters += line.text.length
        if (batch.length >= batchLines || characters >= BATCH_CHARACTERS) yield flush()
      }
    }
    if (batch.length > 0) yield flush()
  } catch (error) {
    throw standing(sqliteFailure(error), progress, batch)
  }
}

function storeLines(writer: RecordWriter, { method }: BulkTarget, lines: Line[]): number {
  let stored = 0
  let current = 0
  const where = (): string => `Line ${current}`
  const failed = (line: number, error: unknown): never => {
    const failure = sqliteFailure(error)
    if (failure.message.startsWith('Line ')) throw failure
    throw failure.reworded(`Line ${line}: ${failure.message}`, { cause: error })
  }
  for (const { text, line } of lines) {
    current = line
    try {
      if (method === 'add_records') writer.addLater(parseBulkLine(method, text, line), line, where, failed)
      else if (method === 'update_records') {
        const { id, fields } = parseBulkLine(method, text, line)
        writer.update(id, fields, where)
      } else if (!writer.remove(parseBulkLine(method, text, line))) stored -= 1
      stored += 1
    } catch (error) {
      failed(line, error)
    }
  }
  writer.finish(failed)
  return stored
}

function standing(failure: HallpassError, { line }: BulkProgress, batch: Line[]): HallpassError {
  const first = batch[0]
  const sentence =
    failure.message.startsWith('Line ') || first === undefined
      ? failure.message
      : `Line ${first.line}: ${failure.message}`
  const stored = line === 0 ? 'Nothing is stored.' : line === 1 ? 'Line 1 is stored.' : `Lines 1–${line} are stored.`
  return failure.reworded(`${sentence} ${stored}`)
}
