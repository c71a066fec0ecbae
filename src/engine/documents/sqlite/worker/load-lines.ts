import type { Database } from 'better-sqlite3'
import type { HallpassError } from '../../../../contract/errors.ts'
import { storedLines, type BulkProgress, type BulkTarget } from '../../document-connector.ts'
import { parseBulkLine, readLines, type Line } from '../../ndjson.ts'
import { sqliteFailure } from '../document-failure.ts'
import { inTransaction } from './double-quotes.ts'
import { recordWriter, type RecordWriter } from './store-records.ts'
import { tableShape, writableRowId } from './schema/table-shape.ts'

const BATCH_CHARACTERS = 4 * 1024 * 1024

/**
 * Loads NDJSON in batches, one transaction each, so that a batch is stored completely or not at all. Lines are parsed inside
 * their batch, so that no more than one batch is in memory.
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
  const isAtomic = target.atomic === true
  // Prepared again for each batch, because another program may have changed the table.
  const store = (): number => storeLines(recordWriter(db, target.table), target, batch)
  const flush = (): BulkProgress => {
    if (isAtomic && !db.inTransaction) db.exec('BEGIN IMMEDIATE')
    progress.stored += inTransaction(db, store)
    progress.line = (batch.at(-1) as Line).line
    batch = []
    characters = 0
    return { ...progress }
  }

  try {
    // Reports a missing table at once, before a gigabyte has arrived.
    writableRowId(tableShape(db, target.table))
    for await (const lines of readLines(body)) {
      for (const line of lines) {
        batch.push(line)
        characters += line.text.length
        if (batch.length < batchLines && characters < BATCH_CHARACTERS) continue
        const stored = flush()
        if (!isAtomic) yield stored
      }
    }
    const isLast = batch.length > 0
    if (isLast) flush()
    if (isAtomic && db.inTransaction) db.exec('COMMIT')
    if (progress.line > 0 && (isLast || isAtomic)) yield { ...progress }
  } catch (error) {
    if (isAtomic && db.inTransaction) db.exec('ROLLBACK')
    throw withProgress(sqliteFailure(error), isAtomic ? { stored: 0, line: 0 } : progress, batch)
  }
}

function storeLines(writer: RecordWriter, { method }: BulkTarget, lines: Line[]): number {
  let stored = 0
  const onFailure = (line: number, error: unknown): never => {
    const failure = sqliteFailure(error)
    throw hasLine(failure) ? failure : atLine(failure, line)
  }
  for (const { text, line } of lines) {
    try {
      if (method === 'add_records') writer.addLater(parseBulkLine(method, text, line), line, onFailure)
      else if (method === 'update_records') {
        const { id, fields, where } = parseBulkLine(method, text, line)
        writer.update(id, fields, { line }, where)
      } else if (method === 'upsert_records') {
        const entry = parseBulkLine(method, text, line)
        writer.upsert(entry.require, entry.fields, { line })
      } else if (!writer.remove(parseBulkLine(method, text, line))) stored -= 1
      stored += 1
    } catch (error) {
      onFailure(line, error)
    }
  }
  writer.finish(onFailure)
  return stored
}

/** Adds to an error how far the load came. */
function withProgress(failure: HallpassError, progress: BulkProgress, batch: Line[]): HallpassError {
  const first = batch[0]
  const named = hasLine(failure) || first === undefined ? failure : atLine(failure, first.line)
  return named.reworded(`${named.message} ${storedLines(progress.line)}`, {
    details: { ...named.details, ...progress },
  })
}

function hasLine({ details }: HallpassError): boolean {
  return details?.['failed_line'] !== undefined
}

function atLine(failure: HallpassError, line: number): HallpassError {
  return failure.reworded(`Line ${line}: ${failure.message}`, {
    details: { ...failure.details, failed_line: line },
  })
}
