import type { Database } from 'better-sqlite3'
import type { MethodFields } from '../../../../contract/document-methods.ts'
import { refused, sqliteFailure } from '../document-failure.ts'
import type { RowSource } from './row-source.ts'
import { refuseQuery } from './sql-guard.ts'

/** Prepares a caller's own SQL on a connection that can only read. */
export function prepareQuery(db: Database, fields: MethodFields<'sql_query'>): RowSource {
  const refusal = refuseQuery(fields.query)
  if (refusal !== null) throw refused(refusal)
  const statement = db.prepare(fields.query)
  if (!statement.reader || !statement.readonly) throw refused('query must be a read-only statement that returns rows.')
  statement.raw().safeIntegers()
  const names = distinct(statement.columns().map((column) => column.name))
  const params = (fields.params ?? []).map((value) => (typeof value === 'boolean' ? Number(value) : value))
  try {
    statement.bind(...params)
  } catch (error) {
    if (error instanceof RangeError)
      throw refused(`params: the query has another number of placeholders than the ${params.length} given.`)
    throw sqliteFailure(error)
  }
  return {
    names,
    decoders: names.map(() => null),
    numbered: false,
    rows: () => statement.iterate() as IterableIterator<unknown[]>,
  }
}

/** Columns of one name are numbered, as Grist does: a, a:1. A record cannot hold a name twice. */
function distinct(names: string[]): string[] {
  const seen = new Set<string>()
  return names.map((name) => {
    let free = name
    for (let n = 1; seen.has(free); n += 1) free = `${name}:${n}`
    seen.add(free)
    return free
  })
}
