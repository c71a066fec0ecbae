import type { MethodData, MethodFields } from '../../../contract/methods/document-methods.ts'
import { HallpassError, invalidRequest } from '../../../contract/errors.ts'
import type { CallContext } from '../document-connector.ts'
import type { GristClient } from './grist-client.ts'
import { requireChangeableColumn, writableTablePath } from './grist-names.ts'
import { oneLine } from '../../text/visible-text.ts'
import { describedColumn } from './grist-columns.ts'
import { columnsOf } from './grist-reads.ts'
import { recordsRequest, sqlRequest } from './records/read-requests.ts'
import { listIn, type GristRecord } from './records/grist-records.ts'

export async function createTable(
  client: GristClient,
  fields: MethodFields<'create_table'>,
  context: CallContext,
): Promise<MethodData<'create_table'>> {
  // The name that was asked for stays as the label, because Grist reduces IDs to ASCII letters.
  const columns = fields.columns.map(({ id, type, label }) => ({ id, fields: { type, label: label ?? id } }))
  const body = JSON.stringify({ tables: [{ id: fields.table_id, columns }] })
  const answer = await client.need(
    { method: 'POST', path: '/tables', body, isRead: false, place: { table: fields.table_id } },
    context,
  )
  const table = listIn<{ id: string }>(answer, 'tables')[0]?.id ?? fields.table_id
  const created = await columnsOf(client, table, context, false)
  return {
    table_id: table,
    columns: created.map(describedColumn).map(({ id, label }) => ({ id, ...(label === undefined ? {} : { label }) })),
  }
}

export async function addColumn(
  client: GristClient,
  fields: MethodFields<'add_column'>,
  context: CallContext,
): Promise<MethodData<'add_column'>> {
  const { table, column_id, column_type, formula, label } = fields
  // Without isFormula, Grist would add an empty column, whose type depends on the first value written to it.
  const body = JSON.stringify({
    columns: [
      { id: column_id, fields: { type: column_type, label: label ?? column_id, ...formulaFields(formula ?? '') } },
    ],
  })
  const place = { table, column: column_id }
  const answer = await client.need(
    { method: 'POST', path: `${writableTablePath(table)}/columns`, body, isRead: false, place },
    context,
  )
  const id = listIn<{ id: string }>(answer, 'columns')[0]?.id ?? column_id
  return { column_id: id, ...(await formulaNote(client, table, id, formula, context)) }
}

export async function modifyColumn(
  client: GristClient,
  fields: MethodFields<'modify_column'>,
  context: CallContext,
): Promise<MethodData<'modify_column'>> {
  const { table, column_id, type, formula, label } = fields
  if (type === undefined && formula === undefined && label === undefined)
    throw invalidRequest('modify_column needs "type", "formula" or "label".', 'type')
  const id = requireChangeableColumn(table, column_id)
  const changes = {
    ...(type === undefined ? {} : { type }),
    ...(formula === undefined ? {} : formulaFields(formula)),
    // Otherwise the label would rename the column.
    ...(label === undefined ? {} : { label, untieColIdFromLabel: true }),
  }
  const body = JSON.stringify({ columns: [{ id, fields: changes }] })
  await client.need(
    {
      method: 'PATCH',
      path: `${writableTablePath(table)}/columns`,
      body,
      isRead: false,
      place: { table, column: id },
    },
    context,
  )
  const unconverted = type === undefined ? 0 : await countTexts(client, table, id, type, context)
  return {
    column_id: id,
    ...(unconverted === 0 ? {} : { unconverted }),
    ...(await formulaNote(client, table, id, formula, context)),
  }
}

/** Types whose values aren't texts, so that Grist stores a value that doesn't fit as text. */
const WITHOUT_TEXT = new Set(['Int', 'Numeric', 'Bool', 'Date', 'DateTime', 'Ref'])

/** Returns how many values didn't convert. Unknown without access to the whole document, because counting needs SQL. */
async function countTexts(
  client: GristClient,
  table: string,
  column: string,
  type: string,
  context: CallContext,
): Promise<number> {
  if (!WITHOUT_TEXT.has(type.split(':')[0] ?? '')) return 0
  const query = `SELECT count(*) AS n FROM "${table}" WHERE typeof("${column}") = 'text'`
  const answer = await client.ask(sqlRequest({ query }), context)
  if (!answer.ok) return 0
  const count = listIn<{ fields: { n?: unknown } }>(answer.body, 'records')[0]?.fields.n
  return typeof count === 'number' ? count : 0
}

export async function deleteColumn(
  client: GristClient,
  fields: MethodFields<'delete_column'>,
  context: CallContext,
): Promise<MethodData<'delete_column'>> {
  const { table, column_id } = fields
  const id = requireChangeableColumn(table, column_id)
  await client.need(
    {
      method: 'DELETE',
      path: `${writableTablePath(table)}/columns/${id}`,
      isRead: false,
      place: { table, column: id },
    },
    context,
  )
  return { deleted: id }
}

/** An empty formula makes the column a data column. */
function formulaFields(formula: string): { isFormula: boolean; formula: string } {
  return { isFormula: formula !== '', formula }
}

/** Returns a note if the formula fails, which Grist shows only in the records. A failure of this check is no failure of the change. */
async function formulaNote(
  client: GristClient,
  table: string,
  column: string,
  formula: string | undefined,
  context: CallContext,
): Promise<{ note?: string }> {
  if (formula === undefined || formula === '') return {}
  const answer = await client.ask(recordsRequest({ table, limit: 1 }), context)
  if (!answer.ok) return {}
  const error = listIn<GristRecord>(answer.body, 'records')[0]?.errors?.[column]
  return error === undefined ? {} : { note: `The formula fails with ${oneLine(error, 100)}.` }
}

interface TableEntry {
  id: string
  fields: { tableRef?: number }
}

async function tablesOf(client: GristClient, context: CallContext): Promise<TableEntry[]> {
  return listIn<TableEntry>(await client.need({ method: 'GET', path: '/tables', isRead: true }, context), 'tables')
}

export async function renameTable(
  client: GristClient,
  { table, table_id }: MethodFields<'rename_table'>,
  context: CallContext,
): Promise<MethodData<'rename_table'>> {
  writableTablePath(table)
  const before = (await tablesOf(client, context)).find(({ id }) => id === table)
  const body = JSON.stringify({ tables: [{ id: table, fields: { tableId: table_id } }] })
  await client.need({ method: 'PATCH', path: '/tables', body, isRead: false, place: { table } }, context)
  // Grist may change the ID, and only the internal reference stays the same.
  const after = (await tablesOf(client, context)).find(({ fields }) => fields.tableRef === before?.fields.tableRef)
  return { table_id: after?.id ?? table_id }
}

export async function deleteTable(
  client: GristClient,
  { table }: MethodFields<'delete_table'>,
  context: CallContext,
): Promise<MethodData<'delete_table'>> {
  writableTablePath(table)
  if (!(await tablesOf(client, context)).some(({ id }) => id === table))
    throw new HallpassError('GRIST_ERROR', `Table "${table}" not found.`, { field: 'table', upstreamBlameless: true })
  const body = JSON.stringify([['RemoveTable', table]])
  await client.need({ method: 'POST', path: '/apply', body, isRead: false, place: { table } }, context)
  return { deleted: table }
}
