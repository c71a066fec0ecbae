import type { Database } from 'better-sqlite3'
import type { MethodData, MethodFields } from '../../../../contract/document-methods.ts'
import { declaredType, KNOWN_TYPES, splitType } from './column-types.ts'
import { refused } from '../document-failure.ts'
import { rebuildColumn } from './rebuild-column.ts'
import { quoteName } from './sql-tokens.ts'
import { columnOf, say, tableNames, tableShape, writableRowId, type ColumnShape } from './table-shape.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/

export function createTable(
  db: Database,
  { table_id, columns }: MethodFields<'create_table'>,
): MethodData<'create_table'> {
  newName(table_id, 'table_id')
  if (/^sqlite_/i.test(table_id)) throw refused('table_id: names that begin with "sqlite_" belong to SQLite.')
  // SQLite's names ignore case, so "orders" beside "Orders" cannot be.
  const taken = tableNames(db).find((name) => name.toLowerCase() === table_id.toLowerCase())
  if (taken !== undefined) throw refused(`table_id: there is already a table ${say(taken)}.`)
  const seen = new Set(['id'])
  const definitions = columns.map(({ id, type }, index) => {
    newName(id, `columns[${index}].id`)
    if (seen.has(id.toLowerCase()))
      throw refused(
        `columns[${index}].id: the table has ${say(id)} already${id.toLowerCase() === 'id' ? ' (every table has an "id")' : ''}.`,
      )
    seen.add(id.toLowerCase())
    return `${quoteName(id)} ${sqlType(type, `columns[${index}].type`)}`
  })
  db.exec(`CREATE TABLE main.${quoteName(table_id)} (id INTEGER PRIMARY KEY, ${definitions.join(', ')})`)
  return { table_id }
}

export function addColumn(db: Database, fields: MethodFields<'add_column'>): MethodData<'add_column'> {
  noFormula(fields.formula)
  const shape = tableShape(db, fields.table)
  writableRowId(shape)
  newName(fields.column_id, 'column_id')
  const lower = fields.column_id.toLowerCase()
  const taken =
    lower === 'id' ? 'id' : [...shape.columns.values()].find((column) => column.name.toLowerCase() === lower)?.id
  if (taken !== undefined) throw refused(`column_id: table ${say(fields.table)} has a column ${say(taken)} already.`)
  const type = sqlType(fields.column_type, 'column_type')
  db.exec(`ALTER TABLE main.${quoteName(fields.table)} ADD COLUMN ${quoteName(fields.column_id)} ${type}`)
  return { column_id: fields.column_id }
}

export function modifyColumn(db: Database, fields: MethodFields<'modify_column'>): MethodData<'modify_column'> {
  noFormula(fields.formula)
  const column = changeable(db, fields.table, fields.column_id)
  if (fields.type === undefined) throw refused('type: say the new type of the column.')
  const declared = sqlType(fields.type, 'type')
  if (fields.type !== column.type)
    rebuildColumn(db, fields.table, column.name, { declared, kind: splitType(fields.type)[0] })
  return { column_id: fields.column_id }
}

export function deleteColumn(
  db: Database,
  { table, column_id }: MethodFields<'delete_column'>,
): MethodData<'delete_column'> {
  const column = changeable(db, table, column_id)
  db.exec(`ALTER TABLE main.${quoteName(table)} DROP COLUMN ${quoteName(column.name)}`)
  return { deleted: column_id }
}

function changeable(db: Database, table: string, id: string): ColumnShape {
  const shape = tableShape(db, table)
  writableRowId(shape)
  if (id === 'id') throw refused('column_id: the column "id" identifies the records and cannot be changed.')
  const column = columnOf(shape, id, 'column_id')
  if (column.fixed)
    throw refused(
      `column_id: column ${say(id)} of table ${say(table)} is computed or identifies the records, and cannot be changed.`,
    )
  return column
}

function newName(name: string, field: string): void {
  if (!NAME.test(name))
    throw refused(
      `${field}: a new name is made of letters A–Z, digits and "_", begins with no digit, and has at most 63 characters.`,
    )
}

function sqlType(type: string, field: string): string {
  const declared = declaredType(type)
  if (declared !== null) return declared
  throw refused(`${field}: SQLite documents have no type ${say(type)}. Types: ${KNOWN_TYPES}.`)
}

function noFormula(formula: string | undefined): void {
  if (formula !== undefined)
    throw refused(
      'formula: SQLite documents have no formulas. Compute the value in a query, or store it in a plain column.',
    )
}
