import type { Database } from 'better-sqlite3'
import type { MethodFields } from '../../../../contract/document-methods.ts'
import type { RowSource } from './row-source.ts'
import { decoderOf, encoderOf, Misfit, type Cell } from './cell-values.ts'
import { invalidRequest } from '../../../../contract/errors.ts'
import { quoteName } from './sql-tokens.ts'
import { columnOf, tableShape, type ColumnShape, type TableShape } from './table-shape.ts'

/** Prepares get_records. Filter values are bound and names are quoted, so no text of the caller becomes SQL. */
export function selectRecords(db: Database, fields: MethodFields<'get_records'>): RowSource {
  const shape = tableShape(db, fields.table)
  const columns = [...shape.columns.values()]
  const params: Cell[] = []
  const selected = [...(shape.rowId === null ? [] : [shape.rowId]), ...columns.map((column) => quoteName(column.name))]
  const where = Object.entries(fields.filter ?? {}).map(([id, wanted]) => condition(shape, id, wanted, params))
  const sql = [
    `SELECT ${selected.length === 0 ? 'NULL' : selected.join(', ')} FROM main.${quoteName(shape.table)}`,
    ...(where.length === 0 ? [] : [`WHERE ${where.join(' AND ')}`]),
    ...orderBy(shape, fields.sort),
    ...(fields.limit === undefined ? [] : [`LIMIT ${fields.limit}`]),
  ].join(' ')
  const statement = db.prepare(sql).raw().safeIntegers()
  return {
    // Without a row ID, a record's ID is its position in this result.
    names: ['id', ...columns.map((column) => column.id)],
    decoders: [null, ...columns.map((column) => decoderOf(column.type))],
    numbered: shape.rowId === null,
    rows: () => statement.iterate(...params) as IterableIterator<unknown[]>,
  }
}

function condition(shape: TableShape, id: string, wanted: unknown, params: Cell[]): string {
  const expression = id === 'id' ? rowIdFor(shape, 'filter') : quoteName(columnOf(shape, id, 'filter').name)
  const values = Array.isArray(wanted) ? (wanted as unknown[]) : [wanted]
  const encode = encoderOf(id === 'id' ? 'Int' : (shape.columns.get(id) as ColumnShape).type)
  // A value of the wrong type equals none of the column's values, so it is left out, as in Grist.
  const cells = values.map(encode).filter((cell): cell is Cell => !(cell instanceof Misfit))
  const present = cells.filter((cell) => cell !== null)
  const parts: string[] = []
  if (present.length > 0) {
    // One parameter for any number of values, because SQLite limits the number of parameters.
    params.push(JSON.stringify(present.map((cell) => (typeof cell === 'bigint' ? cell.toString() : cell))))
    const each = present.some((cell) => typeof cell === 'bigint') ? 'CAST(value AS INTEGER)' : 'value'
    parts.push(`${expression} IN (SELECT ${each} FROM json_each(?))`)
  }
  if (present.length < cells.length) parts.push(`${expression} IS NULL`)
  return parts.length === 0 ? '0' : `(${parts.join(' OR ')})`
}

function orderBy(shape: TableShape, sort: string | undefined): string[] {
  const terms = (sort ?? '').split(',').flatMap((term) => {
    const trimmed = term.trim()
    if (trimmed === '') return []
    const down = trimmed.startsWith('-')
    const id = down ? trimmed.slice(1) : trimmed
    const expression = id === 'id' ? rowIdFor(shape, 'sort') : quoteName(columnOf(shape, id, 'sort').name)
    return [`${expression}${down ? ' DESC' : ''}`]
  })
  // Records of equal rank are sorted by ID.
  if (shape.rowId !== null) terms.push(shape.rowId)
  return terms.length === 0 ? [] : [`ORDER BY ${terms.join(', ')}`]
}

function rowIdFor(shape: TableShape, field: string): string {
  if (shape.rowId !== null) return shape.rowId
  throw invalidRequest('This table has no row ID, so "id" can\'t be used.', field)
}
