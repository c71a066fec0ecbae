import type { Database } from 'better-sqlite3'
import { invalidRequest } from '../../../../../contract/errors.ts'
import { quoteName, sqlTokens, type SqlToken } from '../../../sql-tokens.ts'
import { quoted } from './table-shape.ts'

const AFTER_TYPE = new Set([
  'constraint',
  'primary',
  'not',
  'null',
  'unique',
  'check',
  'default',
  'collate',
  'references',
  'generated',
  'as',
])

/**
 * Changes the declared type of a column as SQLite's manual describes: creates a new table with the changed definition, copies
 * the rows with their IDs, drops the old table, and creates its indexes and triggers again. Runs inside the caller's
 * transaction, with foreign keys off. Values that don't fit the new type stay unchanged.
 */
export function rebuildColumn(
  db: Database,
  table: string,
  column: string,
  type: { declared: string; kind: string },
): void {
  const { sql } = db.prepare("SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?").get(table) as {
    sql: string
  }
  const others = db
    .prepare(
      "SELECT sql FROM main.sqlite_schema WHERE tbl_name = ? COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL",
    )
    .pluck()
    .all(table) as string[]
  const copy = freeName(db)
  db.exec(retyped(sql, { table, column, copy, declared: type.declared }))
  const stored = (db.pragma(`main.table_xinfo(${quoteName(table)})`) as { name: string; hidden: number }[]).filter(
    (row) => row.hidden === 0,
  )
  const names = stored.map((row) => quoteName(row.name))
  const values = stored.map((row) => {
    const name = quoteName(row.name)
    // Text in a date column is most often an ISO date.
    const dated = row.name === column && (type.kind === 'Date' || type.kind === 'DateTime')
    return dated
      ? `CASE WHEN typeof(${name}) = 'text' THEN coalesce(unixepoch(${name}), ${name}) ELSE ${name} END`
      : name
  })
  const rowId = ['rowid', '_rowid_', 'oid'].find((alias) => !stored.some((row) => row.name.toLowerCase() === alias))
  const withRowId = rowId === undefined ? '' : `${rowId}, `
  db.exec(
    `INSERT INTO main.${quoteName(copy)} (${withRowId}${names.join(', ')}) SELECT ${withRowId}${values.join(', ')} FROM main.${quoteName(table)}`,
  )
  db.exec(`DROP TABLE main.${quoteName(table)}`)
  db.exec(`ALTER TABLE main.${quoteName(copy)} RENAME TO ${quoteName(table)}`)
  for (const statement of others) db.exec(statement)
}

function freeName(db: Database): string {
  const taken = new Set(db.prepare('SELECT lower(name) FROM main.sqlite_schema').pluck().all() as string[])
  for (let n = 1; ; n += 1) if (!taken.has(`hallpass_rebuild_${n}`)) return `hallpass_rebuild_${n}`
}

/** Returns the CREATE TABLE text with another table name and the column's new type. */
function retyped(sql: string, change: { table: string; column: string; copy: string; declared: string }): string {
  const tokens = sqlTokens(sql) ?? []
  const open = tokens.findIndex((token) => token.kind === 'sign' && token.text === '(')
  const name = tokens[open - 1]
  const definition =
    open > 0
      ? definitions(tokens, open).find((part) => part[0]?.text.toLowerCase() === change.column.toLowerCase())
      : undefined
  const first = definition?.[0]
  if (name === undefined || definition === undefined || first === undefined) {
    throw invalidRequest(
      `Couldn't change the column type: the definition of table ${quoted(change.table)} isn't supported.`,
    )
  }
  const next = definition.findIndex(
    (token, index) => index > 0 && token.kind === 'word' && AFTER_TYPE.has(token.text.toLowerCase()),
  )
  const last = (next === -1 ? definition.at(-1) : definition[next - 1]) as SqlToken
  return `CREATE TABLE main.${quoteName(change.copy)} ${sql.slice(name.end, first.end)} ${change.declared} ${sql.slice(last.end)}`
}

/** Returns the comma-separated parts between a parenthesis and its closing one. */
function definitions(tokens: SqlToken[], open: number): SqlToken[][] {
  const parts: SqlToken[][] = [[]]
  let depth = 0
  for (const token of tokens.slice(open + 1)) {
    const sign = token.kind === 'sign' ? token.text : ''
    if (sign === ')' && depth === 0) return parts
    if (sign === '(') depth += 1
    if (sign === ')') depth -= 1
    if (sign === ',' && depth === 0) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return []
}
