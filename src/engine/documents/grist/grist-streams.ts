import type { BulkWriteMethod, MethodFields, StreamReadMethod } from '../../../contract/methods/document-methods.ts'
import { HallpassError, type ErrorOptions, invalidRequest } from '../../../contract/errors.ts'
import { storedLines } from '../document-connector.ts'
import type { BulkProgress, BulkTarget, CallContext, RecordStream } from '../document-connector.ts'
import { parseBulkLine, readLines } from '../ndjson.ts'
import { writeItem } from './grist-batches.ts'
import type { WriteItem } from './grist-batches.ts'
import type { ColumnMemory } from './records/column-memory.ts'
import type { GristClient, OpenAnswer } from './grist-client.ts'
import type { GristLimits } from './grist-limits.ts'
import { writableTablePath } from './grist-names.ts'
import { needsPieces } from './records/filter-pieces.ts'
import { flatRecord, parseRecords, queryRow, type GristRecord } from './records/grist-records.ts'
import { isoDates } from './grist-columns.ts'
import { columnsOf, explained, getRecords } from './grist-reads.ts'
import { recordsRequest, sqlRequest } from './records/read-requests.ts'
import type { GristWrites } from './grist-writes.ts'
import { mergedById } from './grist-writes.ts'
import { gristId, type Naming } from './records/record-naming.ts'
import { createRecordSplitter } from './records/record-splitter.ts'

const MAX_RECORD_BYTES = 32 * 1_048_576

/**
 * Opens a read as one request whose response is split as it arrives: the same values, filter and sort as get_records, and one
 * state of the document, on every server version. Pages of IDs from SQL would need access to the whole document, would load
 * the table once per page, and could miss records between pages.
 */
export async function openGristReadStream(
  { client, memory }: { client: GristClient; memory: ColumnMemory },
  method: StreamReadMethod,
  fields: MethodFields<StreamReadMethod>,
  context: CallContext,
): Promise<RecordStream> {
  if (method === 'sql_query')
    return recordStream(await client.open(sqlRequest(fields as MethodFields<'sql_query'>), context), queryRow)
  const wanted = fields as MethodFields<'get_records'>
  const request = recordsRequest(wanted)
  const answer = await client.open(request, context).catch(async (error: unknown) => {
    if (needsPieces(request, error)) return null
    // An error with a sort or a filter may be about a column that doesn't exist.
    if (
      !(error instanceof HallpassError) ||
      error.code !== 'GRIST_ERROR' ||
      !/(unknown key|KeyError)/.test(error.message)
    )
      throw error
    throw await explained(client, wanted, context, { status: 500, error })
  })
  // An older server accepts a long filter only in several requests, whose records are sorted before the first one is
  // sent.
  if (answer === null) return listed((await getRecords(client, wanted, context, memory)).records)
  const skip = wanted.offset ?? 0
  const iso = wanted.dates === 'iso' ? isoDates(await columnsOf(client, wanted.table, context, false)) : null
  return recordStream<GristRecord>(answer, iso === null ? flatRecord : (record) => iso(flatRecord(record)), skip)
}

function listed(records: object[]): RecordStream {
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('')
  return {
    records: records.length,
    async *[Symbol.asyncIterator]() {
      if (text !== '') yield Buffer.from(text)
    },
  }
}

function recordStream<T>(answer: OpenAnswer, shape: (record: T) => object, offset = 0): RecordStream {
  let records = 0
  let left = offset
  async function* read(): AsyncGenerator<Uint8Array> {
    const splitter = createRecordSplitter({ maxRecordBytes: MAX_RECORD_BYTES })
    for await (const chunk of answer.bytes) {
      const text = splitter.push(chunk)
      if (text === '') continue
      const all = parseRecords<T>(`[${answer.scrub(text)}]`)
      const found = left === 0 ? all : all.slice(left)
      left = Math.max(0, left - all.length)
      records += found.length
      yield Buffer.from(found.map((record) => `${JSON.stringify(shape(record))}\n`).join(''))
    }
    splitter.end()
  }
  const bytes = read()
  return {
    get records() {
      return records
    },
    [Symbol.asyncIterator]: () => bytes,
  }
}

interface Batch {
  first: number
  last: number
  rows: number
  bytes: number
  items: WriteItem[]
  ids: { id: number; line: number }[]
  changes: { id: number; fields: Record<string, unknown>; where?: Record<string, unknown> | undefined; line: number }[]
  upserts: { place: number; require: Record<string, unknown>; fields: Record<string, unknown> }[]
}

const byLine: Naming = (line) => ({ prefix: `Line ${line}: `, details: { failed_line: line } })

/** Groups lines into batches and batches into requests. The body is read no faster than Grist stores. */
export async function* writeGristStream(
  writes: GristWrites,
  limits: GristLimits,
  { method, table, atomic = false }: BulkTarget,
  body: AsyncIterable<Uint8Array>,
  context: CallContext,
): AsyncGenerator<BulkProgress> {
  writableTablePath(table)
  const progress: BulkProgress = { stored: 0, line: 0 }
  let batch = emptyBatch()

  async function flush(): Promise<BulkProgress> {
    try {
      await store(writes, method, table, batch, context)
    } catch (error) {
      if (context.signal.aborted || !(error instanceof HallpassError)) throw error
      const which = hasLine(error) ? '' : `Lines ${batch.first}–${batch.last}: `
      throw withProgress(error, progress, which)
    }
    progress.stored += batch.rows
    progress.line = batch.last
    batch = emptyBatch()
    return { ...progress }
  }

  const lines = readLines(body, { maxLineBytes: limits.bodyBytes })
  try {
    for await (const some of lines) {
      for (const { line, text } of some) {
        context.signal.throwIfAborted()
        const bytes = Buffer.byteLength(text) + 32
        if (batch.rows > 0 && (batch.rows >= limits.batchRows || batch.bytes + bytes > limits.bodyBytes)) {
          if (atomic) throw tooMuchAtOnce(limits)
          yield await flush()
        }
        take(writes, method, batch, text, line)
        batch.bytes += bytes
      }
    }
  } catch (error) {
    if (!isBadLine(error)) throw error
    if (atomic) throw withProgress(error, progress)
    // Stores the lines before the bad one, so that the caller can continue from there.
    if (batch.rows > 0) yield await flush()
    throw withProgress(error, progress)
  }
  // Grist rejects updates of different columns in one request.
  if (atomic && new Set(batch.changes.map(({ fields }) => Object.keys(fields).toSorted().join())).size > 1)
    throw withProgress(invalidRequest('With "atomic", all lines must update the same columns.', 'atomic'), progress)
  if (batch.rows > 0) yield await flush()
}

/** Each request to Grist is one transaction. */
function tooMuchAtOnce({ batchRows, bodyBytes }: GristLimits): HallpassError {
  return invalidRequest(
    `Grist stores at most ${batchRows} lines or ${bodyBytes} bytes at once, so a longer load can't be all or nothing. Leave out "atomic", or send less.`,
    'atomic',
    { details: { stored: 0, line: 0 } },
  )
}

function emptyBatch(): Batch {
  return { first: 0, last: 0, rows: 0, bytes: 0, items: [], ids: [], changes: [], upserts: [] }
}

function take(writes: GristWrites, method: BulkWriteMethod, batch: Batch, text: string, line: number): void {
  if (method === 'add_records')
    batch.items.push(writes.checked(writeItem(line, parseBulkLine(method, text, line), null), byLine))
  else if (method === 'update_records') {
    const change = parseBulkLine(method, text, line)
    const id = gristId(change.id, byLine(line))
    writes.checked(writeItem(line, change.fields, id), byLine)
    batch.changes.push({ ...change, id, line })
  } else if (method === 'upsert_records') batch.upserts.push({ place: line, ...parseBulkLine(method, text, line) })
  else batch.ids.push({ id: gristId(parseBulkLine(method, text, line), byLine(line)), line })
  if (batch.rows === 0) batch.first = line
  batch.last = line
  batch.rows += 1
}

async function store(
  writes: GristWrites,
  method: BulkWriteMethod,
  table: string,
  batch: Batch,
  context: CallContext,
): Promise<void> {
  if (method === 'add_records') await writes.storeAdds(table, batch.items, context, byLine)
  else if (method === 'delete_records')
    await writes.storeDeletes(
      table,
      batch.ids.map(({ id }) => id),
      context,
    )
  else if (method === 'upsert_records') await writes.storeUpserts(table, batch.upserts, context, byLine)
  else if (batch.changes.some(({ where }) => where !== undefined))
    await writes.storeConditional(
      table,
      batch.changes.map(({ line, ...change }) => ({ place: line, ...change })),
      context,
      byLine,
    )
  else {
    const items = mergedById(batch.changes).map(({ place, id, fields }) =>
      writeItem(batch.changes[place]?.line ?? batch.first, fields, id),
    )
    await writes.storeUpdates(table, items, context, byLine)
  }
}

/** A line that was rejected before its batch was sent. A failure of a batch has its progress already. */
function isBadLine(error: unknown): error is HallpassError {
  return error instanceof HallpassError && hasLine(error) && error.details?.['stored'] === undefined
}

function hasLine({ details }: HallpassError): boolean {
  return details?.['failed_line'] !== undefined
}

function withProgress(error: HallpassError, progress: BulkProgress, prefix = ''): HallpassError {
  const options: ErrorOptions = { cause: error, details: { ...error.details, ...progress } }
  return error.reworded(`${prefix}${error.message} ${storedLines(progress.line)}`, options)
}
