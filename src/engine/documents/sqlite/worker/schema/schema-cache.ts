import type { Database, Statement } from 'better-sqlite3'
import { createTextRepair } from '../other-encodings.ts'
import { tableNames, tableShape, type TableShape } from './table-shape.ts'

/** What is known about the schema of a connection that only reads, and its prepared statements. */
export interface SchemaCache {
  tables(): readonly string[]
  shape(table: string): TableShape
  /** Returns a statement that yields rows as arrays with exact integers. */
  prepare(sql: string): Statement
  /** Returns the function that reads texts of this shape again which aren't UTF-8. */
  repair(shape: TableShape): (row: unknown[]) => unknown[]
  /** Returns what `make` returns for a caller's SQL. It is made once, unless its statement is still in use. */
  query<T extends { statement: Statement }>(sql: string, make: () => T): T
}

const MAX_SHAPES = 500
const MAX_STATEMENTS = 100
/** Longer texts are hardly sent twice, and each would stay in memory. */
const MAX_QUERY_CHARACTERS = 10_000

/** Returns a function that clears what was remembered when the schema has changed since its last call. */
export function schemaWatch(db: Database, clear: () => void): () => void {
  // SQLite increases schema_version whenever any program changes the schema.
  const version = db.prepare('PRAGMA main.schema_version').pluck()
  const anyTable = db.prepare('SELECT 1 FROM main.sqlite_schema LIMIT 1')
  let current = -1
  return () => {
    const now = version.get() as number
    if (now === current) return
    clear()
    // Reading makes this connection load the new schema. Preparing alone would still compile with the old one.
    anyTable.get()
    current = now
  }
}

export function createSchemaCache(db: Database): SchemaCache {
  const shapes = new Map<string, TableShape>()
  const statements = new Map<string, Statement>()
  const repairs = new Map<TableShape, (row: unknown[]) => unknown[]>()
  const queries = new Map<string, { statement: Statement }>()
  let tables: string[] | undefined
  const refresh = schemaWatch(db, () => {
    for (const known of [shapes, statements, repairs, queries]) known.clear()
    tables = undefined
  })

  return {
    tables() {
      refresh()
      return (tables ??= tableNames(db))
    },
    shape(table) {
      refresh()
      let shape = shapes.get(table)
      if (shape === undefined) {
        shape = tableShape(db, table)
        if (shapes.size < MAX_SHAPES) shapes.set(table, shape)
      }
      return shape
    },
    prepare(sql) {
      let statement = statements.get(sql)
      // An interrupted stream leaves its statement open.
      if (statement === undefined || statement.busy) {
        statement = db.prepare(sql).raw().safeIntegers()
        if (statements.size < MAX_STATEMENTS) statements.set(sql, statement)
      }
      return statement
    },
    repair(shape) {
      let repair = repairs.get(shape)
      if (repair === undefined) {
        repair = createTextRepair(db, shape)
        if (repairs.size < MAX_SHAPES) repairs.set(shape, repair)
      }
      return repair
    },
    query<T extends { statement: Statement }>(sql: string, make: () => T): T {
      refresh()
      const known = queries.get(sql)
      if (known !== undefined && !known.statement.busy) return known as T
      const created = make()
      if (queries.size >= MAX_STATEMENTS) queries.clear()
      if (sql.length <= MAX_QUERY_CHARACTERS) queries.set(sql, created)
      return created
    },
  }
}
