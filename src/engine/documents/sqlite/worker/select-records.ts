import type { MethodFields } from '../../../../contract/methods/document-methods.ts'
import type { RowSource } from './row-source.ts'
import type { SchemaCache } from './schema/schema-cache.ts'
import { decoderOf, encoderOf, isExact, longInteger, Misfit, type Cell } from './cell-values.ts'
import { invalidRequest, type HallpassError } from '../../../../contract/errors.ts'
import { westernBytes } from './other-encodings.ts'
import { isMissingCollation } from '../document-failure.ts'
import { quoteName } from '../../sql-tokens.ts'
import { columnOf, ownId, quoted, type TableShape } from './schema/table-shape.ts'

/** Prepares get_records. Filter values are bound and names are quoted, so no text of the caller becomes SQL. */
export function selectRecords(schema: SchemaCache, fields: MethodFields<'get_records'>): RowSource {
  try {
    return select(schema, fields, '')
  } catch (error) {
    // The program that created the file has its own collation. Without it, texts are compared by bytes.
    if (!isMissingCollation(error)) throw error
    return select(schema, fields, ' COLLATE BINARY')
  }
}

function select(schema: SchemaCache, fields: MethodFields<'get_records'>, collation: string): RowSource {
  const shape = schema.shape(fields.table)
  const columns = [...shape.columns.values()]
  const params: Cell[] = []
  const selected = [...(shape.rowId === null ? [] : [shape.rowId]), ...columns.map((column) => quoteName(column.name))]
  const where = Object.entries(fields.filter ?? {}).map(([id, wanted]) =>
    condition(shape, id, wanted, params, collation),
  )
  const sql = [
    `SELECT ${selected.length === 0 ? 'NULL' : selected.join(', ')} FROM ${shape.source}`,
    ...(where.length === 0 ? [] : [`WHERE ${where.join(' AND ')}`]),
    ...orderBy(shape, fields.sort, collation),
    ...paging(fields),
  ].join(' ')
  const statement = schema.prepare(sql)
  return {
    // Without a row ID, a record's ID is its position.
    names: ['id', ...columns.map((column) => column.id)],
    decoders: [null, ...columns.map((column) => decoderOf(column.type, fields.dates))],
    numbered: shape.rowId === null,
    first: (fields.offset ?? 0) + 1,
    rows: () => statement.iterate(...params) as IterableIterator<unknown[]>,
    ...(shape.rowId === null ? {} : { repair: schema.repair(shape) }),
  }
}

/** Texts of a filter that are also searched for in Windows-1252, each with a separate parameter. */
const MAX_WESTERN = 1000

/**
 * Returns the SQL of one filter. SQLite types values, not columns, so a value that doesn't fit the column's type is
 * compared unconverted. Everything that get_records shows can be used as a filter.
 */
function condition(shape: TableShape, id: string, wanted: unknown, params: Cell[], collation: string): string {
  const column = id === 'id' ? null : columnOf(shape, id, 'filter')
  const expression = column === null ? rowIdFor(shape, 'filter') : `${quoteName(column.name)}${collation}`
  const encode = encoderOf(column === null ? 'Int' : column.type)
  const values = isList(wanted) ? wanted : [wanted]
  const fit: Cell[] = []
  const others: Cell[] = []
  const longs: string[] = []
  const parts: string[] = []
  for (const value of values) {
    const fitting = encode(value)
    const cell = fitting instanceof Misfit ? storedForm(value) : fitting
    if (column === null && (fitting instanceof Misfit || fitting === null)) throw notAnId(shape)
    if (cell === null) parts.push(`${expression} IS NULL`)
    else if (cell instanceof Uint8Array) {
      params.push(cell)
      parts.push(`${expression} = ?`)
    } else if (typeof cell === 'bigint') longs.push(cell.toString())
    else (fitting instanceof Misfit ? others : fit).push(cell)
    // A 64-bit number in a text or untyped column reads like a text of digits, so both are compared.
    const long = typeof cell === 'string' ? longInteger(cell) : null
    if (long !== null) longs.push(long.toString())
  }
  // One parameter for any number of values, because SQLite limits the number of parameters.
  if (fit.length > 0) parts.push(inList(expression, 'value', fit, params))
  const western = fit.flatMap((cell) => (typeof cell === 'string' ? (westernBytes(cell) ?? []) : []))
  if (western.length > 0 && western.length <= MAX_WESTERN) {
    parts.push(`${expression} IN (${western.map(() => 'CAST(? AS TEXT)').join(', ')})`)
    params.push(...western)
  }
  // The plus keeps SQLite from converting a text of digits to the type of the column.
  if (others.length > 0) parts.push(inList(`+${expression}`, 'value', others, params))
  if (longs.length > 0) parts.push(inList(expression, 'CAST(value AS INTEGER)', longs, params))
  return parts.length === 0 ? '0' : `(${[...new Set(parts)].join(' OR ')})`
}

function inList(expression: string, value: string, cells: Cell[], params: Cell[]): string {
  params.push(JSON.stringify(cells))
  return `${expression} IN (SELECT ${value} FROM json_each(?))`
}

/** A list cell is one value, not a list of values. */
function isList(wanted: unknown): wanted is unknown[] {
  return Array.isArray(wanted) && !(wanted[0] === 'L' && wanted.length > 1)
}

/** Returns the stored form of a value as get_records shows it. */
function storedForm(value: unknown): Cell {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return Number(value)
  if (isExact(value)) return value
  if (typeof value === 'number')
    throw invalidRequest('A whole number beyond 2^53 must be sent as a string of digits.', 'filter')
  const { base64 } = (value ?? {}) as { base64?: unknown }
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64')
  throw invalidRequest('A filter value must be a string, a number, true, false, null or {"base64": …}.', 'filter')
}

function notAnId(shape: TableShape): HallpassError {
  const own = ownId(shape)
  const hint = own === null ? '' : ` The table's own column "id" is called ${quoted(own)} here.`
  return invalidRequest(`"id" is the record ID, a whole number.${hint}`, 'filter')
}

function paging({ limit, offset }: MethodFields<'get_records'>): string[] {
  if (offset === undefined) return limit === undefined ? [] : [`LIMIT ${limit}`]
  return [`LIMIT ${limit ?? -1} OFFSET ${offset}`]
}

function orderBy(shape: TableShape, sort: string | undefined, collation: string): string[] {
  const terms = (sort ?? '').split(',').flatMap((term) => {
    const trimmed = term.trim()
    if (trimmed === '') return []
    const down = trimmed.startsWith('-')
    const id = down ? trimmed.slice(1) : trimmed
    const expression =
      id === 'id' ? rowIdFor(shape, 'sort') : `${quoteName(columnOf(shape, id, 'sort').name)}${collation}`
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
