import type { Database } from 'better-sqlite3'
import { closeMatches } from './close-matches.ts'
import { gristType } from './column-types.ts'
import { refused } from '../document-failure.ts'
import { quoteName } from './sql-tokens.ts'

export interface ColumnShape {
  /** As the caller names it. */
  id: string
  /** As SQLite names it. */
  name: string
  type: string
  /** Computed by SQLite, or the row id itself: not to be written. */
  fixed: boolean
}

export interface TableShape {
  table: string
  /** Everything that a record shows but its id. */
  columns: Map<string, ColumnShape>
  /** SQL expression of the row id; null for views and WITHOUT ROWID tables, which are read-only. */
  rowId: string | null
}

interface ColumnRow {
  name: string
  type: string
  pk: number
  hidden: number
}

/** User tables and views in the order of their names. SQLite's own and those behind virtual tables are left out. */
export function tableNames(db: Database): string[] {
  const rows = db.pragma('main.table_list') as { schema: string; name: string; type: string }[]
  return rows
    .filter((row) => row.schema === 'main' && row.type !== 'shadow' && !/^sqlite_/i.test(row.name))
    .map((row) => row.name)
    .toSorted()
}

/** Reads a table's shape, anew at each call: other programs may change the file. Names are case-sensitive, as everywhere in Hallpass. */
export function tableShape(db: Database, table: string, field = 'table'): TableShape {
  const names = tableNames(db)
  if (!names.includes(table)) throw refused(`${field}: there is no table ${say(table)}${closeMatches(table, names)}.`)
  const info = db.prepare('SELECT type, wr FROM pragma_table_list WHERE schema = ? AND name = ?').get('main', table) as
    | { type: string; wr: number }
    | undefined
  const rows = db.pragma(`main.table_xinfo(${quoteName(table)})`) as ColumnRow[]
  const hasRowId = info?.type === 'table' && info.wr === 0
  const key = rows.filter((row) => row.pk > 0)
  // "INT PRIMARY KEY" and "INTEGER PRIMARY KEY DESC" are not the row id: SQLite tells by giving them an index of their own.
  const alias =
    hasRowId && key.length === 1 && key[0]?.type.toUpperCase() === 'INTEGER' && !hasKeyIndex(db, table)
      ? key[0]
      : undefined
  const columns = new Map<string, ColumnShape>()
  const taken = new Set(rows.map((row) => row.name))
  for (const row of rows) {
    if (row.hidden === 1 || (row === alias && row.name === 'id')) continue
    let id = row.name
    // The record's "id" is the row id: a column of that name that is not gets the next free one.
    for (let n = 2; id === 'id' || (id !== row.name && taken.has(id)); n += 1) id = `id_${n}`
    columns.set(id, { id, name: row.name, type: gristType(row.type), fixed: row === alias || row.hidden !== 0 })
  }
  return { table, columns, rowId: hasRowId ? rowIdOf(alias, taken) : null }
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

/** The row id expression of a table that can be written; refuses the others. */
export function writableRowId(shape: TableShape): string {
  if (shape.rowId !== null) return shape.rowId
  throw refused(
    `table: ${say(shape.table)} has no row id (a view, a virtual table, or a table WITHOUT ROWID) and can only be read.`,
  )
}

export function columnOf(shape: TableShape, id: string, where: string): ColumnShape {
  const column = shape.columns.get(id)
  if (column !== undefined) return column
  throw refused(
    `${where}: table ${say(shape.table)} has no column ${say(id)}${closeMatches(id, [...shape.columns.keys()])}.`,
  )
}

/** A name in a sentence, cut to a length that stays readable. */
export function say(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
}
