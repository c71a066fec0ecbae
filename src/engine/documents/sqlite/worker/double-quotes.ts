import Database from 'better-sqlite3'
import { quoteName, sqlTokens } from '../../sql-tokens.ts'

/** The definition of a view or trigger as stored in its file, and the same with texts in single quotes. */
interface RequotedText {
  kind: 'view' | 'trigger'
  name: string
  table: string
  stored: string
  requoted: string
}

interface SchemaRow {
  type: 'table' | 'view' | 'trigger'
  name: string
  tbl_name: string
  sql: string
}

/** SQLite's message for a text in double quotes, which has no separate error code. */
const DOUBLE_QUOTED = /no such column: "(.*)" - should this be a string literal in single-quotes\?$/s
const MAX_TEXTS = 200
const ANCHOR = 'hallpass empty table'

/** Returns the text in double quotes that made a statement fail, or null for other errors. */
export function doubleQuotedText(thrown: unknown): string | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const found = DOUBLE_QUOTED.exec(error.message)?.[1]
    if (found !== undefined && 'code' in error && error.code === 'SQLITE_ERROR') return found
  }
  return null
}

/**
 * Returns the views and triggers with texts in double quotes. SQLite in most programs accepts them, this one doesn't.
 * To find them, they are compiled in an empty copy of the schema, and each error names one text.
 */
export function requotedTexts(db: Database.Database): RequotedText[] {
  const rows = db
    .prepare("SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE type IN ('table', 'view', 'trigger')")
    .all() as SchemaRow[]
  const copy = emptyCopy(db, rows)
  try {
    return rows.flatMap((row) => {
      if (row.type === 'table') return []
      const requoted = requote(copy, row)
      if (requoted === row.sql) return []
      return [{ kind: row.type, name: row.name, table: row.tbl_name, stored: row.sql, requoted }]
    })
  } finally {
    copy.close()
  }
}

/** Contains tables and views. Triggers are added one at a time. */
function emptyCopy(db: Database.Database, rows: SchemaRow[]): Database.Database {
  const copy = new Database(':memory:')
  copy.unsafeMode(true)
  copy.pragma('trusted_schema = OFF')
  copy.pragma('writable_schema = ON')
  copy.exec(`CREATE TABLE ${quoteName(ANCHOR)} (a)`)
  const page = copy.prepare('SELECT rootpage FROM sqlite_schema').pluck().get() as number
  const insert = copy.prepare('INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, ?, ?)')
  copy.transaction(() => {
    for (const { type, name, tbl_name, sql } of rows) {
      if (type === 'trigger' || /^sqlite_/i.test(name)) continue
      const definition = type === 'table' && /^CREATE VIRTUAL/i.test(sql) ? plainTable(db, name) : sql
      // Inserted into the schema table directly, table definitions may contain such texts. No row is ever read, and all
      // tables share the page of an empty one.
      if (definition !== null) insert.run(type, name, tbl_name, type === 'table' ? page : 0, definition)
    }
  })()
  copy.pragma('writable_schema = RESET')
  copy.pragma('writable_schema = ON')
  return copy
}

function plainTable(db: Database.Database, name: string): string | null {
  try {
    const columns = db.pragma(`main.table_xinfo(${quoteName(name)})`) as { name: string }[]
    return `CREATE TABLE ${quoteName(name)} (${columns.map((column) => quoteName(column.name)).join(', ')})`
  } catch {
    // The module doesn't exist here, so nothing that uses this table can be compiled anyway.
    return null
  }
}

function requote(copy: Database.Database, row: SchemaRow): string {
  let sql = row.sql
  for (let texts = 0; texts < MAX_TEXTS; texts += 1) {
    const text = failsAt(copy, row, sql)
    const next = text === null ? sql : singleQuoted(sql, text)
    if (next === sql) return sql
    sql = next
  }
  return sql
}

/** Compiles a view or trigger. Returns the text in double quotes at which that fails. */
function failsAt(copy: Database.Database, { type, name, tbl_name }: SchemaRow, sql: string): string | null {
  try {
    // Tests one trigger at a time, because one that can't be compiled hides the errors of the others.
    for (const trigger of copy
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
      .pluck()
      .all() as string[])
      copy.exec(`DROP TRIGGER ${quoteName(trigger)}`)
    copy.exec(`DROP ${type} IF EXISTS ${quoteName(name)}`)
    // Text of the file, which must be a single statement.
    copy.prepare(sql).run()
    const table = quoteName(tbl_name)
    if (type === 'view') copy.prepare(`SELECT * FROM ${table}`)
    else {
      const columns = (copy.pragma(`table_info(${table})`) as { name: string }[]).map((column) =>
        quoteName(column.name),
      )
      copy.prepare(`UPDATE ${table} SET ${columns.map((column) => `${column} = ${column}`).join(', ')}`)
      copy.prepare(`INSERT INTO ${table} DEFAULT VALUES`)
      copy.prepare(`DELETE FROM ${table}`)
    }
  } catch (error) {
    return doubleQuotedText(error)
  }
  return null
}

function singleQuoted(sql: string, text: string): string {
  const tokens = (sqlTokens(sql) ?? []).filter(
    (token) => token.kind === 'quoted' && token.text === text && sql.charAt(token.start) === '"',
  )
  return tokens.reduceRight(
    (whole, { start, end }) => `${whole.slice(0, start)}'${text.replaceAll("'", "''")}'${whole.slice(end)}`,
    sql,
  )
}

/**
 * Runs a change as one transaction. If it fails only because of texts in double quotes, the affected triggers are
 * replaced while it runs, which other programs never see. A schema change keeps them in single quotes, as SQLite's
 * ALTER TABLE does.
 */
export function inTransaction<T>(db: Database.Database, run: () => T, schema = false): T {
  try {
    return db.transaction(run).immediate()
  } catch (error) {
    if (doubleQuotedText(error) === null) throw error
    const texts = requotedTexts(db).filter(({ kind }) => kind === 'trigger')
    if (texts.length === 0) throw error
    const tables = new Set(texts.map(({ table }) => table))
    return db
      .transaction(() => {
        const triggers = (
          db.prepare("SELECT name, tbl_name, sql FROM main.sqlite_schema WHERE type = 'trigger'").all() as SchemaRow[]
        ).filter(({ tbl_name }) => tables.has(tbl_name))
        const requoted = new Map(texts.map((text) => [text.name, text.requoted]))
        // Replaces all triggers of a table, because SQLite runs them in order of creation.
        replaceTriggers(
          db,
          triggers.map((row) => ({ ...row, sql: requoted.get(row.name) ?? row.sql })),
        )
        const result = run()
        if (!schema) replaceTriggers(db, triggers)
        return result
      })
      .immediate()
  }
}

function replaceTriggers(db: Database.Database, triggers: Pick<SchemaRow, 'name' | 'sql'>[]): void {
  for (const { name } of triggers) db.exec(`DROP TRIGGER main.${quoteName(name)}`)
  for (const { sql } of triggers) db.prepare(sql).run()
}
