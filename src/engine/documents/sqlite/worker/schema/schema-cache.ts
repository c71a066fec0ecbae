import type { Database, Statement } from 'better-sqlite3'
import { tableShape, type TableShape } from './table-shape.ts'

/** Table shapes and prepared statements of a connection that only reads. */
export interface SchemaCache {
  shape(table: string): TableShape
  /** Returns a statement that yields rows as arrays with exact integers. */
  prepare(sql: string): Statement
}

const MAX_SHAPES = 500
const MAX_STATEMENTS = 100

/** SQLite increases schema_version whenever any program changes the schema, so the cache is valid until then. */
export function createSchemaCache(db: Database): SchemaCache {
  const version = db.prepare('PRAGMA main.schema_version').pluck()
  const shapes = new Map<string, TableShape>()
  const statements = new Map<string, Statement>()
  let current = -1

  function refresh(): void {
    const now = version.get() as number
    if (now === current) return
    shapes.clear()
    statements.clear()
    current = now
  }

  return {
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
  }
}
