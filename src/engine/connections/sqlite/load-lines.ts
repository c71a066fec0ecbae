import type { Database } from 'better-sqlite3'
import { HallpassError } from '../../../contract/errors.ts'
import type { BulkProgress, BulkTarget } from '../document-connector.ts'
import { parseBulkLine, readLines, type Line } from '../ndjson.ts'
import { sqliteFailure } from './document-failure.ts'
import { recordWriter, type RecordWriter } from './store-records.ts'

const BATCH_CHARACTERS = 4 * 1024 * 1024

/**
 * Loads NDJSON in batches, one transaction each: a batch is stored whole or not at all. Lines are parsed inside their
 * batch, so that no more than one batch is held.
 */
export async function* loadLines(db: Database, target: BulkTarget, body: AsyncIterable<Uint8Array>, batchLines: number): AsyncIterable<BulkProgress> {
  const progress: BulkProgress = { stored: 0, line: 0 }
  let batch: Line[] = []
  let characters = 0
  // Says at once that the table is missing, before a gigabyte has come in.
  recordWriter(db, target.table)

  const store = db.transaction((lines: Line[]): number => {
    // Prepared anew each batch: another program may have changed the table meanwhile.
    const put = storeLine(recordWriter(db, target.table), target)
    let stored = 0
    for (const line of lines) stored += put(line)
    return stored
  })

  const flush = (): BulkProgress => {
    progress.stored += store.immediate(batch)
    progress.line = (batch.at(-1) as Line).line
    batch = []
    characters = 0
    return { ...progress }
  }

  try {
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

function storeLine(writer: RecordWriter, { method }: BulkTarget): (line: Line) => number {
  let current = 0
  const where = (): string => `Line ${current}`
  const put = ({ text, line }: Line): number => {
    if (method === 'add_records') writer.add(parseBulkLine(method, text, line), where)
    else if (method === 'delete_records') return writer.remove(parseBulkLine(method, text, line)) ? 1 : 0
    else {
      const { id, fields } = parseBulkLine(method, text, line)
      writer.update(id, fields, where)
    }
    return 1
  }
  return (line) => {
    current = line.line
    try {
      return put(line)
    } catch (error) {
      const failure = sqliteFailure(error)
      if (failure.message.startsWith('Line ')) throw failure
      throw new HallpassError(failure.code, `Line ${current}: ${failure.message}`, { cause: error })
    }
  }
}

function standing(failure: HallpassError, { line }: BulkProgress, batch: Line[]): HallpassError {
  const first = batch[0]
  const sentence = failure.message.startsWith('Line ') || first === undefined ? failure.message : `Line ${first.line}: ${failure.message}`
  const stored = line === 0 ? 'Nothing is stored.' : line === 1 ? 'Line 1 is stored.' : `Lines 1–${line} are stored.`
  return new HallpassError(failure.code, `${sentence} ${stored}`, { cause: failure.cause })
}
