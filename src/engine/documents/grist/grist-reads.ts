import type { MethodData, MethodFields } from '../../../contract/methods/document-methods.ts'
import { HallpassError, invalidRequest } from '../../../contract/errors.ts'
import type { CallContext } from '../document-connector.ts'
import type { GristClient, GristRequest } from './grist-client.ts'
import { describedColumn, isoDates, unmatchableFilter, type GristColumn } from './grist-columns.ts'
import { tablePath } from './grist-names.ts'
import { fieldsOf, flatRecord, listIn, queryRow } from './records/grist-records.ts'
import type { GristRecord } from './records/grist-records.ts'

/** About 6 KB of query fit in a URL. A longer filter is sent as a body, which Grist accepts since 1.7.14. */
const MAX_PATH_CHARACTERS = 6_000

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
): Promise<MethodData<'get_records'>> {
  const answer = await client.ask(recordsRequest(fields), context)
  if (!answer.ok) throw await explained(client, fields, context, answer)
  const { table, filter, offset = 0, dates } = fields
  const found = listIn<GristRecord>(answer.body, 'records')
  if (found.length === 0 && filter !== undefined) await explainEmpty(client, table, filter, context)
  const records = found.slice(offset).map(flatRecord)
  if (dates !== 'iso' || records.length === 0) return { records }
  return { records: records.map(isoDates(await columnsOf(client, table, context, false))) }
}

/** Throws INVALID_REQUEST if the filter found nothing because of the form of its values. */
async function explainEmpty(
  client: GristClient,
  table: string,
  filter: Record<string, unknown>,
  context: CallContext,
): Promise<void> {
  const values = Object.values(filter).flat()
  if (!values.some((value) => typeof value === 'string')) return
  const problem = unmatchableFilter(filter, await columnsOf(client, table, context, false))
  if (problem !== null) throw problem
}

export async function sqlQuery(
  client: GristClient,
  fields: MethodFields<'sql_query'>,
  context: CallContext,
): Promise<MethodData<'sql_query'>> {
  return listIn<{ fields: Record<string, unknown> }>(await client.need(sqlRequest(fields), context), 'records').map(
    queryRow,
  )
}

export function recordsRequest({ table, filter, sort, ...page }: MethodFields<'get_records'>): GristRequest {
  const path = `${tablePath(table)}/records`
  const lists = filter === undefined ? null : normalFilter(filter)
  const keys = sort === undefined ? null : sortKeys(sort)
  // Grist has no offset: the records before it are read and dropped.
  const limit = page.limit === undefined ? undefined : page.limit + (page.offset ?? 0)
  // Grist reads 0 as "all" and -1 as "all but the last".
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    throw invalidRequest('The limit must be a whole number of at least 1.', 'limit')
  const query = new URLSearchParams()
  if (lists !== null) query.set('filter', JSON.stringify(lists))
  if (keys !== null) query.set('sort', keys.join(','))
  if (limit !== undefined) query.set('limit', String(limit))
  const text = query.toString()
  const common = { isRead: true, place: { table } }
  if (text.length <= MAX_PATH_CHARACTERS)
    return { ...common, method: 'GET', path: text === '' ? path : `${path}?${text}` }
  const body = JSON.stringify({
    ...(lists === null ? {} : { filter: lists }),
    ...(keys === null ? {} : { sort: keys }),
    ...(limit === undefined ? {} : { limit }),
  })
  return { ...common, method: 'POST', path: `${path}/list`, body }
}

export function sqlRequest({ query, params }: MethodFields<'sql_query'>): GristRequest {
  // Grist puts the statement in parentheses, and a comment at its end would hide the closing one.
  const statement = query.trim().replace(/;$/, '')
  const sql = /--[^\n]*$/.test(statement) ? `${statement}\n` : statement
  const args = params?.map((value, index) => {
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw invalidRequest('Send a whole number beyond 2^53 as a string.', `params[${index}]`)
    return typeof value === 'boolean' ? Number(value) : value
  })
  return {
    method: 'POST',
    path: '/sql',
    body: JSON.stringify({ sql, ...(args === undefined ? {} : { args }) }),
    isRead: true,
    sql: true,
  }
}

function normalFilter(filter: Record<string, unknown>): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(filter).map(([column, values]) => [column, Array.isArray(values) ? values : [values]]),
  )
}

function sortKeys(sort: string): string[] {
  const keys = sort.split(',').map((key) => key.trim())
  if (keys.some((key) => columnOfKey(key) === ''))
    throw invalidRequest('The sort order contains an empty column name. Format: "Name,-Date"', 'sort')
  return keys
}

function columnOfKey(key: string): string {
  return key.replace(/^-/, '').replace(/:.*$/, '').trim()
}

/** Returns a better error for an unknown column in sort or filter, which Grist reports as an opaque 500 or a Python error. */
export async function explained(
  client: GristClient,
  fields: MethodFields<'get_records'>,
  context: CallContext,
  refused: { status: number; words?: string; error: HallpassError },
): Promise<HallpassError> {
  const { table, filter = {}, sort } = fields
  const used = [
    ...Object.keys(filter).map((column) => ({ column, of: 'filter' })),
    ...(sort === undefined ? [] : sortKeys(sort).map((key) => ({ column: columnOfKey(key), of: 'sort' }))),
  ]
  if (used.length === 0 || (refused.status !== 400 && refused.status !== 500)) return refused.error
  const columns = await client.ask(
    { method: 'GET', path: `${tablePath(table)}/columns?hidden=true`, isRead: true },
    context,
  )
  if (!columns.ok) return refused.error
  const known = new Set(['id', 'manualSort', ...listIn<GristColumn>(columns.body, 'columns').map(({ id }) => id)])
  const unknown = used.find(({ column }) => !known.has(column))
  if (unknown === undefined) return refused.error
  const words = refused.words === undefined || refused.words === '' ? '' : ` (Grist: "${refused.words}")`
  return new HallpassError(
    'GRIST_ERROR',
    `Unknown column "${unknown.column}" in the ${unknown.of}. Table "${table}" has no such column${words}.`,
    { field: unknown.of, reason: 'unknown_column', upstreamBlameless: true },
  )
}
