import type { MethodData, MethodFields } from '../../../contract/document-methods.ts'
import { invalidRequest } from '../../../contract/errors.ts'
import type { CallContext } from '../document-connector.ts'
import type { GristClient } from './grist-client.ts'
import { requireChangeableColumn, writableTablePath } from './grist-names.ts'
import { listIn } from './grist-records.ts'

export async function createTable(
  client: GristClient,
  fields: MethodFields<'create_table'>,
  context: CallContext,
): Promise<MethodData<'create_table'>> {
  const columns = fields.columns.map(({ id, type }) => ({ id, fields: { type } }))
  const body = JSON.stringify({ tables: [{ id: fields.table_id, columns }] })
  const answer = await client.need(
    { method: 'POST', path: '/tables', body, isRead: false, place: { table: fields.table_id } },
    context,
  )
  return { table_id: listIn<{ id: string }>(answer, 'tables')[0]?.id ?? fields.table_id }
}

export async function addColumn(
  client: GristClient,
  fields: MethodFields<'add_column'>,
  context: CallContext,
): Promise<MethodData<'add_column'>> {
  const { table, column_id, column_type, formula } = fields
  // Without isFormula, Grist would add an empty column, whose type depends on the first value written to it.
  const body = JSON.stringify({
    columns: [{ id: column_id, fields: { type: column_type, ...formulaFields(formula ?? '') } }],
  })
  const place = { table, column: column_id }
  const answer = await client.need(
    { method: 'POST', path: `${writableTablePath(table)}/columns`, body, isRead: false, place },
    context,
  )
  return { column_id: listIn<{ id: string }>(answer, 'columns')[0]?.id ?? column_id }
}

export async function modifyColumn(
  client: GristClient,
  fields: MethodFields<'modify_column'>,
  context: CallContext,
): Promise<MethodData<'modify_column'>> {
  const { table, column_id, type, formula } = fields
  if (type === undefined && formula === undefined)
    throw invalidRequest('modify_column needs "type" or "formula".', 'type')
  const id = requireChangeableColumn(table, column_id)
  const changes = { ...(type === undefined ? {} : { type }), ...(formula === undefined ? {} : formulaFields(formula)) }
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
  return { column_id: id }
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
