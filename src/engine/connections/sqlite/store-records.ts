import type { Database, Statement } from 'better-sqlite3'
import { encoderOf, Misfit, type Cell, type Encoder } from './cell-values.ts'
import { refused } from './document-failure.ts'
import { quoteName } from './sql-tokens.ts'
import { columnOf, say, tableShape, writableRowId, type TableShape } from './table-shape.ts'

interface Change {
  keys: string[]
  encoders: Encoder[]
  statement: Statement<unknown[]>
}

/** Checks and stores records of one table, one at a time; the caller holds the transaction. `where` names the record in errors. */
export interface RecordWriter {
  add(record: Record<string, unknown>, where: () => string): number | bigint
  update(id: number, fields: Record<string, unknown>, where: () => string): void
  /** False when there is no such record: that is no error, as with Grist. */
  remove(id: number): boolean
}

export function recordWriter(db: Database, table: string): RecordWriter {
  const shape = tableShape(db, table)
  const rowId = writableRowId(shape)
  const name = `main.${quoteName(table)}`
  const inserts = new Map<string, Change>()
  const updates = new Map<string, Change>()
  const exists = db.prepare(`SELECT 1 FROM ${name} WHERE ${rowId} = ?`).pluck()
  const remove = db.prepare(`DELETE FROM ${name} WHERE ${rowId} = ?`)
  let last: Change | undefined

  function change(kind: 'add' | 'update', record: Record<string, unknown>, where: () => string): Change {
    const keys = Object.keys(record)
    const known = kind === 'add' ? inserts : updates
    if (kind === 'add' && last !== undefined && sameKeys(last.keys, keys)) return last
    const signature = JSON.stringify(keys)
    let found = known.get(signature)
    if (found === undefined) {
      found = prepare(kind, keys, where)
      // Records of ever new shapes must not pile up statements.
      if (known.size >= 256) known.clear()
      known.set(signature, found)
    }
    if (kind === 'add') last = found
    return found
  }

  function prepare(kind: 'add' | 'update', keys: string[], where: () => string): Change {
    const columns = keys.map((key) => writableColumn(shape, key, where))
    const names = columns.map((column) => quoteName(column.name))
    const insert = names.length === 0 ? 'DEFAULT VALUES' : `(${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
    const sql =
      kind === 'add'
        ? `INSERT INTO ${name} ${insert}`
        : `UPDATE ${name} SET ${names.map((column) => `${column} = ?`).join(', ')} WHERE ${rowId} = ?`
    return { keys, encoders: columns.map((column) => encoderOf(column.type)), statement: db.prepare(sql) }
  }

  function cells({ keys, encoders }: Change, record: Record<string, unknown>, where: () => string): Cell[] {
    const values = new Array<Cell>(keys.length)
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string
      const cell = (encoders[index] as Encoder)(record[key])
      if (cell instanceof Misfit) throw refused(`${where()}: column ${say(key)} of table ${say(table)} takes ${cell.wanted}.`)
      values[index] = cell
    }
    return values
  }

  return {
    add(record, where) {
      const insert = change('add', record, where)
      return insert.statement.run(cells(insert, record, where)).lastInsertRowid
    },
    update(id, fields, where) {
      if (exists.get(id) === undefined) throw refused(`${where()}: table ${say(table)} has no record with id ${id}.`)
      if (Object.keys(fields).length === 0) return
      const update = change('update', fields, where)
      update.statement.run([...cells(update, fields, where), id])
    },
    remove: (id) => remove.run(id).changes > 0,
  }
}

function writableColumn(shape: TableShape, id: string, where: () => string): { name: string; type: string } {
  if (id === 'id') throw refused(`${where()}: "id" cannot be set; the document gives the ids.`)
  const column = columnOf(shape, id, where())
  if (column.fixed) throw refused(`${where()}: column ${say(id)} of table ${say(shape.table)} is computed and cannot be set.`)
  return column
}

function sameKeys(a: string[], b: string[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false
  return true
}
