import type { Database } from 'better-sqlite3'
import type { MethodData, MethodFields } from '../../../../../contract/methods/document-methods.ts'
import { declaredType, KNOWN_TYPES, splitType } from './column-types.ts'
import { invalidRequest } from '../../../../../contract/errors.ts'
import { rebuildColumn } from './rebuild-column.ts'
import { quoteName } from '../../../sql-tokens.ts'
import { columnOf, quoted, tableNames, tableShape, writableRowId, type ColumnShape } from './table-shape.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/

export function createTable(
  db: Database,
  { table_id, columns }: MethodFields<'create_table'>,
): MethodData<'create_table'> {
  checkNewName(table_id, 'table_id')
  if (/^sqlite_/i.test(table_id)) throw invalidRequest('Table names can\'t start with "sqlite_".', 'table_id')
  // SQLite's names ignore case, so "orders" and "Orders" can't both exist.
  const taken = tableNames(db).find((name) => name.toLowerCase() === table_id.toLowerCase())
  if (taken !== undefined) throw invalidRequest(`Table ${quoted(taken)} already exists.`, 'table_id')
  const seen = new Set(['id'])
  const definitions = columns.map(({ id, type, label }, index) => {
    rejectLabel(label, `columns[${index}].label`)
    checkNewName(id, `columns[${index}].id`)
    if (seen.has(id.toLowerCase()))
      throw invalidRequest(
        id.toLowerCase() === 'id'
          ? 'Every table has an "id" column. Don\'t define it.'
          : `Column ${quoted(id)} is listed twice.`,
        `columns[${index}].id`,
      )
    seen.add(id.toLowerCase())
    return `${quoteName(id)} ${sqlType(type, `columns[${index}].type`)}`
  })
  db.exec(`CREATE TABLE main.${quoteName(table_id)} (id INTEGER PRIMARY KEY, ${definitions.join(', ')})`)
  return { table_id, columns: columns.map(({ id }) => ({ id })) }
}

export function renameTable(db: Database, fields: MethodFields<'rename_table'>): MethodData<'rename_table'> {
  const { table, table_id } = fields
  writableRowId(tableShape(db, table))
  checkNewName(table_id, 'table_id')
  if (/^sqlite_/i.test(table_id)) throw invalidRequest('Table names can\'t start with "sqlite_".', 'table_id')
  const lower = table_id.toLowerCase()
  const taken = tableNames(db).find((name) => name.toLowerCase() === lower && name !== table)
  if (taken !== undefined) throw invalidRequest(`Table ${quoted(taken)} already exists.`, 'table_id')
  if (table_id !== table) db.exec(`ALTER TABLE main.${quoteName(table)} RENAME TO ${quoteName(table_id)}`)
  return { table_id }
}

export function deleteTable(db: Database, { table }: MethodFields<'delete_table'>): MethodData<'delete_table'> {
  writableRowId(tableShape(db, table))
  db.exec(`DROP TABLE main.${quoteName(table)}`)
  return { deleted: table }
}

export function addColumn(db: Database, fields: MethodFields<'add_column'>): MethodData<'add_column'> {
  rejectFormula(fields.formula)
  rejectLabel(fields.label, 'label')
  const shape = tableShape(db, fields.table)
  writableRowId(shape)
  checkNewName(fields.column_id, 'column_id')
  const lower = fields.column_id.toLowerCase()
  const taken =
    lower === 'id' ? 'id' : [...shape.columns.values()].find((column) => column.name.toLowerCase() === lower)?.id
  if (taken !== undefined)
    throw invalidRequest(`Column ${quoted(taken)} already exists in table ${quoted(fields.table)}.`, 'column_id')
  const type = sqlType(fields.column_type, 'column_type')
  db.exec(`ALTER TABLE main.${quoteName(fields.table)} ADD COLUMN ${quoteName(fields.column_id)} ${type}`)
  return { column_id: fields.column_id }
}

export function modifyColumn(db: Database, fields: MethodFields<'modify_column'>): MethodData<'modify_column'> {
  rejectFormula(fields.formula)
  rejectLabel(fields.label, 'label')
  const column = changeableColumn(db, fields.table, fields.column_id)
  if (fields.type === undefined) throw invalidRequest('Missing field "type": the new column type.', 'type')
  const declared = sqlType(fields.type, 'type')
  if (fields.type !== column.type)
    rebuildColumn(db, fields.table, column.name, { declared, kind: splitType(fields.type)[0] })
  const unconverted = countMisfits(db, fields.table, column.name, splitType(fields.type)[0])
  return { column_id: fields.column_id, ...(unconverted === 0 ? {} : { unconverted }) }
}

export function deleteColumn(
  db: Database,
  { table, column_id }: MethodFields<'delete_column'>,
): MethodData<'delete_column'> {
  const column = changeableColumn(db, table, column_id)
  db.exec(`ALTER TABLE main.${quoteName(table)} DROP COLUMN ${quoteName(column.name)}`)
  return { deleted: column_id }
}

/** Returns how many stored values don't have the storage class of the type. */
function countMisfits(db: Database, table: string, column: string, kind: string): number {
  const classes = STORAGE_CLASSES[kind]
  if (classes === undefined) return 0
  const sql = `SELECT count(*) FROM main.${quoteName(table)} WHERE typeof(${quoteName(column)}) NOT IN (${classes}, 'null')`
  return db.prepare(sql).pluck().get() as number
}

const STORAGE_CLASSES: Record<string, string> = {
  Text: "'text'",
  Choice: "'text'",
  Int: "'integer'",
  Bool: "'integer'",
  Ref: "'integer'",
  Numeric: "'integer', 'real'",
  Date: "'integer', 'real'",
  DateTime: "'integer', 'real'",
}

function changeableColumn(db: Database, table: string, id: string): ColumnShape {
  const shape = tableShape(db, table)
  writableRowId(shape)
  if (id === 'id') throw invalidRequest('Column "id" identifies the records and can\'t be changed.', 'column_id')
  const column = columnOf(shape, id, 'column_id')
  if (column.isFixed)
    throw invalidRequest(
      `Column ${quoted(id)} of table ${quoted(table)} is computed or identifies the records, so it can't be changed.`,
      'column_id',
    )
  return column
}

function checkNewName(name: string, field: string): void {
  if (!NAME.test(name))
    throw invalidRequest(
      'A name must start with a letter or "_" and contain only A–Z, a–z, 0–9 and "_" (63 characters at most).',
      field,
    )
}

function sqlType(type: string, field: string): string {
  const declared = declaredType(type)
  if (declared !== null) return declared
  throw invalidRequest(`Unknown column type ${quoted(type)}. Use ${KNOWN_TYPES}.`, field)
}

function rejectLabel(label: string | undefined, field: string): void {
  if (label !== undefined) throw invalidRequest("SQLite documents don't have labels. Use the column ID.", field)
}

function rejectFormula(formula: string | undefined): void {
  if (formula !== undefined)
    throw invalidRequest(
      "SQLite documents don't support formulas. Compute the value in a query, or store it in a column.",
      'formula',
    )
}
