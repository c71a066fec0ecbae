import type { MethodData, MethodFields } from '../../../contract/methods/document-methods.ts'
import { HallpassError } from '../../../contract/errors.ts'
import type { CallContext } from '../document-connector.ts'
import type { ColumnMemory } from './records/column-memory.ts'
import type { GristClient } from './grist-client.ts'
import { describedColumn, isoDates, unmatchableFilter, type GristColumn } from './grist-columns.ts'
import { needsPieces, readInPieces } from './records/filter-pieces.ts'
import { columnOfKey, recordsRequest, sortKeys, sqlRequest } from './records/read-requests.ts'
import { dateAsText, datedNames } from '../date-comparison.ts'
import { tablePath } from './grist-names.ts'
import { fieldsOf, flatRecord, listIn, queryRow } from './records/grist-records.ts'
import type { GristRecord } from './records/grist-records.ts'

export async function listTables(client: GristClient, context: CallContext): Promise<MethodData<'list_tables'>> {
  const body = await client.need({ method: 'GET', path: '/tables', isRead: true }, context)
  return { tables: listIn<{ id: string }>(body, 'tables').map(({ id }) => id) }
}

export async function describeTable(
  client: GristClient,
  { table }: { table: string },
  context: CallContext,
): Promise<MethodData<'describe_table'>> {
  const columns = await columnsOf(client, table, context, false)
  return { columns: columns.map(describedColumn) }
}

export async function columnsOf(
  client: GristClient,
  table: string,
  context: CallContext,
  hidden: boolean,
): Promise<GristColumn[]> {
  const path = `${tablePath(table)}/columns${hidden ? '?hidden=true' : ''}`
  const columns = listIn<GristColumn>(
    await client.need({ method: 'GET', path, isRead: true, place: { table } }, context),
    'columns',
  )
  columns.forEach(fieldsOf)
  return columns
}

export async function getRecords(
  client: GristClient,
  fields: MethodFields<'get_records'>,
  context: CallContext,
  memory: ColumnMemory,
): Promise<MethodData<'get_records'>> {
  const { table, filter, offset = 0, dates } = fields
  const found = await foundRecords(client, fields, context)
  if (found.length === 0 && filter !== undefined) await explainEmpty(memory, table, filter, context)
  const records = found.slice(offset).map(flatRecord)
  if (dates !== 'iso' || records.length === 0) return { records }
  return { records: records.map(isoDates(await columnsOf(client, table, context, false))) }
}

async function foundRecords(
  client: GristClient,
  fields: MethodFields<'get_records'>,
  context: CallContext,
): Promise<GristRecord[]> {
  const request = recordsRequest(fields)
  const answer = await client.ask(request, context)
  if (answer.ok) return listIn<GristRecord>(answer.body, 'records')
  if (needsPieces(request, answer.error)) return readInPieces(client, fields, context)
  throw await explained(client, fields, context, answer)
}

/** Throws INVALID_REQUEST if the filter found nothing because of the form of its values. */
async function explainEmpty(
  memory: ColumnMemory,
  table: string,
  filter: Record<string, unknown>,
  context: CallContext,
): Promise<void> {
  const values = Object.values(filter).flat()
  if (!values.some((value) => typeof value === 'string')) return
  const problem = await memory.findIn(table, context, (columns) => unmatchableFilter(filter, columns))
  if (problem !== null) throw problem
}

export async function sqlQuery(
  client: GristClient,
  fields: MethodFields<'sql_query'>,
  context: CallContext,
  memory: ColumnMemory,
): Promise<MethodData<'sql_query'>> {
  const answer = await client.need(sqlRequest(fields), context)
  const rows = listIn<{ fields: Record<string, unknown> }>(answer, 'records').map(queryRow)
  if (rows.length === 0) await explainNoRows(client, fields, context, memory)
  return rows
}

/** Throws INVALID_REQUEST if a date column is compared with a text, which never matches. */
async function explainNoRows(
  client: GristClient,
  { query, params }: MethodFields<'sql_query'>,
  context: CallContext,
  memory: ColumnMemory,
): Promise<void> {
  const names = datedNames(query, params)
  if (names.size === 0) return
  const { tables } = await listTables(client, context)
  const lower = query.toLowerCase()
  for (const table of tables.filter((one) => lower.includes(one.toLowerCase()))) {
    const dated = await memory.findIn(
      table,
      context,
      (columns) => columns.find(({ id, fields }) => names.has(id) && fields.type.startsWith('Date')) ?? null,
    )
    if (dated !== null) throw dateAsText(dated.id)
  }
}

/** Returns a better error for an unknown column in sort or filter, which Grist reports as an opaque 500 or a Python error. */
export async function explained(
  client: GristClient,
  fields: MethodFields<'get_records'>,
  context: CallContext,
  failure: { status: number; message?: string; error: HallpassError },
): Promise<HallpassError> {
  const { table, filter = {}, sort } = fields
  const used = [
    ...Object.keys(filter).map((column) => ({ column, of: 'filter' })),
    ...(sort === undefined ? [] : sortKeys(sort).map((key) => ({ column: columnOfKey(key), of: 'sort' }))),
  ]
  if (used.length === 0 || (failure.status !== 400 && failure.status !== 500)) return failure.error
  const columns = await client.ask(
    { method: 'GET', path: `${tablePath(table)}/columns?hidden=true`, isRead: true },
    context,
  )
  if (!columns.ok) return failure.error
  const known = new Set(['id', 'manualSort', ...listIn<GristColumn>(columns.body, 'columns').map(({ id }) => id)])
  const unknown = used.find(({ column }) => !known.has(column))
  if (unknown === undefined) return failure.error
  const quoted = failure.message === undefined || failure.message === '' ? '' : ` (Grist: "${failure.message}")`
  return new HallpassError(
    'GRIST_ERROR',
    `Unknown column "${unknown.column}" in the ${unknown.of}. Table "${table}" has no such column${quoted}.`,
    { field: unknown.of, reason: 'unknown_column', upstreamBlameless: true },
  )
}
