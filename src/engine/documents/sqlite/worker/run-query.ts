import type { Database, Statement } from 'better-sqlite3'
import type { MethodFields } from '../../../../contract/methods/document-methods.ts'
import { invalidRequest } from '../../../../contract/errors.ts'
import { dateAsText, datedNames } from '../../date-comparison.ts'
import { sqliteFailure } from '../document-failure.ts'
import { isExact } from './cell-values.ts'
import { quoteName } from '../../sql-tokens.ts'
import type { SchemaCache } from './schema/schema-cache.ts'
import { tableNames, tableShape } from './schema/table-shape.ts'
import type { RowSource } from './row-source.ts'
import { queryProblem } from './sql-guard.ts'

interface PreparedQuery {
  statement: Statement
  names: string[]
  /** The names that `datedNames` finds in the text. */
  dated: ReadonlySet<string>
}

/** Prepares a caller's SQL on a connection that can only read. A text that was checked and prepared before is not checked again. */
export function prepareQuery(db: Database, schema: SchemaCache, fields: MethodFields<'sql_query'>): RowSource {
  const { statement, names, dated } = schema.query(fields.query, () => prepareChecked(db, fields.query))
  const params = (fields.params ?? []).map((value, index) => {
    if (typeof value === 'number' && !isExact(value))
      throw invalidRequest('Send a whole number beyond 2^53 as a string.', `params[${index}]`)
    return typeof value === 'boolean' ? Number(value) : value
  })
  // Binds the values, which fails immediately if they don't fit. It runs when the first row is read.
  const rows = iterate(statement, params)
  return {
    names,
    decoders: names.map(() => null),
    numbered: false,
    rows() {
      const compared = params.length === 0 ? dated : datedNames(fields.query, fields.params)
      return compared.size === 0 ? rows : explained(rows, () => explainNoRows(db, fields.query, compared))
    },
  }
}

function prepareChecked(db: Database, query: string): PreparedQuery {
  const problem = queryProblem(query)
  if (problem !== null) throw invalidRequest(problem, 'query')
  const statement = db.prepare(query)
  if (!statement.reader || !statement.readonly)
    throw invalidRequest('The query must be a read-only statement that returns rows.', 'query')
  statement.raw().safeIntegers()
  const names = distinct(statement.columns().map((column) => column.name))
  return { statement, names, dated: datedNames(query) }
}

function iterate(statement: Statement, params: (string | number | null)[]): IterableIterator<unknown[]> {
  try {
    return statement.iterate(...params) as IterableIterator<unknown[]>
  } catch (error) {
    if (error instanceof RangeError)
      throw invalidRequest(
        `The number of values (${params.length}) doesn't match the number of placeholders.`,
        'params',
      )
    throw sqliteFailure(error)
  }
}

function* explained(rows: IterableIterator<unknown[]>, explain: () => void): IterableIterator<unknown[]> {
  let isEmpty = true
  for (const row of rows) {
    isEmpty = false
    yield row
  }
  if (isEmpty) explain()
}

/** Throws INVALID_REQUEST if a column with epoch seconds is compared with a text, which never matches. */
function explainNoRows(db: Database, query: string, names: ReadonlySet<string>): void {
  const lower = query.toLowerCase()
  for (const table of tableNames(db).filter((name) => lower.includes(name.toLowerCase()))) {
    const dated = describedColumns(db, table).find(({ id, type }) => names.has(id) && type.startsWith('Date'))
    if (dated === undefined) continue
    const column = quoteName(dated.id)
    const sql = `SELECT 1 FROM main.${quoteName(table)} WHERE typeof(${column}) IN ('integer', 'real') LIMIT 1`
    if (db.prepare(sql).get() !== undefined) throw dateAsText(dated.id)
  }
}

/** A view that can't be read has no columns. */
function describedColumns(db: Database, table: string): { id: string; type: string }[] {
  try {
    return [...tableShape(db, table).columns.values()].map(({ name, type }) => ({ id: name, type }))
  } catch {
    // The query didn't read it, or it would have failed before.
    return []
  }
}

/** Numbers columns with the same name as Grist does (a, a:1), because a record can't contain a name twice. */
function distinct(names: string[]): string[] {
  const seen = new Set<string>()
  return names.map((name) => {
    let free = name
    for (let n = 1; seen.has(free); n += 1) free = `${name}:${n}`
    seen.add(free)
    return free
  })
}
