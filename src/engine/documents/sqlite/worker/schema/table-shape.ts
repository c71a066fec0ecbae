import type { Database } from 'better-sqlite3'
import { closeMatches } from '../close-matches.ts'
import { gristType } from './column-types.ts'
import { invalidRequest } from '../../../../../contract/errors.ts'
import { quoteName } from '../../../sql-tokens.ts'

export interface ColumnShape {
  /** The caller's name for it. */
  id: string
  /** SQLite's name for it. */
  name: string
  type: string
  /** Computed by SQLite, or the row ID itself, so it can't be written. */
  isFixed: boolean
}

export interface TableShape {
  table: string
  /** Where rows are read from: the table, or a temporary view that replaces one of the file's. */
  source: string
  /** All columns of a record except its ID. */
  columns: Map<string, ColumnShape>
  /** SQL expression of the row ID. Null if there is none, so that records can't be changed. */
  rowId: string | null
  kind: 'table' | 'view' | 'virtual table' | 'WITHOUT ROWID table'
}

interface ColumnRow {
  name: string
  type: string
  pk: number
  hidden: number
}

/** Returns the names of tables and views in order, without SQLite's own and those behind virtual tables. */
export function tableNames(db: Database): string[] {
  const rows = db.pragma('main.table_list') as { schema: string; name: string; type: string }[]
  return rows
    .filter((row) => row.schema === 'main' && row.type !== 'shadow' && !/^sqlite_/i.test(row.name))
    .map((row) => row.name)
    .toSorted()
}

/** Reads a table's shape. Names are case-sensitive, as everywhere in Hallpass. */
export function tableShape(db: Database, table: string, field = 'table'): TableShape {
  const names = tableNames(db)
  if (!names.includes(table))
    throw invalidRequest(`Table ${quoted(table)} not found${closeMatches(table, names)}.`, field)
  const info = db.prepare('SELECT type, wr FROM pragma_table_list WHERE schema = ? AND name = ?').get('main', table) as
    | { type: string; wr: number }
    | undefined
  const isRequoted = db.prepare('SELECT 1 FROM temp.sqlite_schema WHERE name = ?').get(table) !== undefined
  const database = isRequoted ? 'temp' : 'main'
  const rows = db.pragma(`${database}.table_xinfo(${quoteName(table)})`) as ColumnRow[]
  const hasRowId = info?.type === 'table' && info.wr === 0
  const key = rows.filter((row) => row.pk > 0)
  // "INT PRIMARY KEY" and "INTEGER PRIMARY KEY DESC" aren't the row ID. SQLite creates an index for them, which reveals
  // it.
  const alias =
    hasRowId && key.length === 1 && key[0]?.type.toUpperCase() === 'INTEGER' && !hasKeyIndex(db, table)
      ? key[0]
      : undefined
  const columns = new Map<string, ColumnShape>()
  const taken = new Set(rows.map((row) => row.name))
  for (const row of rows) {
    if (row.hidden === 1 || (row === alias && row.name === 'id')) continue
    let id = row.name
    // The record's "id" is the row ID. Another column with this name gets the next free name.
    for (let n = 2; id === 'id' || (id !== row.name && taken.has(id)); n += 1) id = `id_${n}`
    columns.set(id, { id, name: row.name, type: gristType(row.type), isFixed: row === alias || row.hidden !== 0 })
  }
  const source = `${database}.${quoteName(table)}`
  return { table, source, columns, rowId: hasRowId ? rowIdOf(alias, taken) : null, kind: kindOf(info) }
}

/** Returns the columns of a table as describe_table lists them. A foreign key to one column is a reference. */
export function describeColumns(db: Database, table: string): { id: string; type: string; references?: string }[] {
  const keys = db.pragma(`main.foreign_key_list(${quoteName(table)})`) as { id: number; table: string; from: string }[]
  return [...tableShape(db, table).columns.values()].map(({ id, name, type }) => {
    const key = keys.find((one) => one.from === name && keys.filter((other) => other.id === one.id).length === 1)
    const typed = /^Ref(?:List)?:(.+)$/.exec(type)?.[1]
    const references = typed ?? key?.table
    return { id, type, ...(references === undefined ? {} : { references }) }
  })
}

function hasKeyIndex(db: Database, table: string): boolean {
  return (db.pragma(`main.index_list(${quoteName(table)})`) as { origin: string }[]).some(
    (index) => index.origin === 'pk',
  )
}

function rowIdOf(alias: ColumnRow | undefined, names: Set<string>): string | null {
  if (alias !== undefined) return quoteName(alias.name)
  const lower = new Set([...names].map((name) => name.toLowerCase()))
  return ['rowid', '_rowid_', 'oid'].find((name) => !lower.has(name)) ?? null
}

/** Returns the row ID expression of a table that can be written. Throws INVALID_REQUEST for the others. */
export function writableRowId(shape: TableShape): string {
  if (shape.rowId !== null) return shape.rowId
  throw invalidRequest(`${quoted(shape.table)} is read-only. ${WHY_READ_ONLY[shape.kind]}`, 'table', {
    reason: 'read_only_table',
  })
}

const WHY_READ_ONLY: Readonly<Record<TableShape['kind'], string>> = {
  view: "It's a view. Change the tables that it reads.",
  'virtual table': "It's a virtual table, whose records have no stable IDs.",
  'WITHOUT ROWID table':
    'It was created WITHOUT ROWID, so its records have no IDs. Copy it into an ordinary table to write to it.',
  table: 'Its columns use all names of the row ID (rowid, oid and _rowid_). Rename one of them.',
}

function kindOf(info: { type: string; wr: number } | undefined): TableShape['kind'] {
  if (info?.type === 'view') return 'view'
  if (info?.type === 'virtual') return 'virtual table'
  return info?.wr === 1 ? 'WITHOUT ROWID table' : 'table'
}

export function columnOf(shape: TableShape, id: string, field: string): ColumnShape {
  const column = shape.columns.get(id)
  if (column !== undefined) return column
  throw invalidRequest(noColumn(shape, id), field)
}

/** The sentence for a column that a table doesn't have. */
export function noColumn(shape: TableShape, id: string): string {
  return `Table ${quoted(shape.table)} has no column ${quoted(id)}${closeMatches(id, [...shape.columns.keys()])}.`
}

/** Returns the name of the table's own "id" column where that isn't the row ID, or null. */
export function ownId(shape: TableShape): string | null {
  return [...shape.columns.values()].find(({ id, name }) => name === 'id' && id !== 'id')?.id ?? null
}

/** Returns a name in quotes for a sentence, cut to a readable length. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
}
