import type { Database, Statement } from 'better-sqlite3'
import { encoderOf, Misfit, type Cell, type Encoder } from './cell-values.ts'
import { refused } from '../document-failure.ts'
import { quoteName } from './sql-tokens.ts'
import { columnOf, say, tableShape, writableRowId, type TableShape } from './table-shape.ts'

interface Change {
  keys: string[]
  encoders: Encoder[]
  statement: Statement<unknown[]>
  /** The same for GROUP records at once: each run of a statement costs about as much as two records of it. */
  grouped?: Statement<unknown[]>
}

const GROUP = 16
const MOST_PARAMETERS = 32_766

/** Checks and stores records of one table, one at a time; the caller holds the transaction. `where` names the record in errors. */
export interface RecordWriter {
  add(record: Record<string, unknown>, where: () => string): number | bigint
  /** Checks at once, stores with others of its shape; `finish` stores what is left. `failed` gets the line of a record that SQLite refuses. */
  addLater(
    record: Record<string, unknown>,
    line: number,
    where: () => string,
    failed: (line: number, error: unknown) => never,
  ): void
  finish(failed: (line: number, error: unknown) => never): void
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
  let held: { change: Change; cells: Cell[]; lines: number[] } | undefined

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
    const insert =
      names.length === 0 ? 'DEFAULT VALUES' : `(${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
    const sql =
      kind === 'add'
        ? `INSERT INTO ${name} ${insert}`
        : `UPDATE ${name} SET ${names.map((column) => `${column} = ?`).join(', ')} WHERE ${rowId} = ?`
    const groups = kind === 'add' && names.length > 0 && names.length * GROUP <= MOST_PARAMETERS
    const group = `${sql}${`, (${names.map(() => '?').join(', ')})`.repeat(GROUP - 1)}`
    const encoders = columns.map((column) => encoderOf(column.type))
    return { keys, encoders, statement: db.prepare(sql), ...(groups ? { grouped: db.prepare(group) } : {}) }
  }

  function flush(failed: (line: number, error: unknown) => never): void {
    if (held === undefined) return
    const { change: insert, cells: all, lines } = held
    held = undefined
    const width = insert.keys.length
    const single = (index: number): void => {
      try {
        insert.statement.run(...all.slice(index * width, (index + 1) * width))
      } catch (error) {
        failed(lines[index] as number, error)
      }
    }
    if (lines.length === GROUP && insert.grouped !== undefined) {
      try {
        insert.grouped.run(...all)
        return
      } catch (error) {
        // One by one finds the line, unless the table's own rules have ended the transaction: nothing may be stored outside it.
        if (!db.inTransaction) failed(lines[0] as number, error)
      }
    }
    for (let index = 0; index < lines.length; index += 1) single(index)
  }

  function cells(
    { keys, encoders }: Change,
    record: Record<string, unknown>,
    where: () => string,
    values: Cell[] = [],
  ): Cell[] {
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string
      const cell = (encoders[index] as Encoder)(record[key])
      if (cell instanceof Misfit)
        throw refused(`${where()}: column ${say(key)} of table ${say(table)} takes ${cell.wanted}.`)
      values.push(cell)
    }
    return values
  }

  return {
    add(record, where) {
      const insert = change('add', record, where)
      return insert.statement.run(...cells(insert, record, where)).lastInsertRowid
    },
    addLater(record, line, where, failed) {
      const insert = change('add', record, where)
      if (held !== undefined && held.change !== insert) flush(failed)
      held ??= { change: insert, cells: [], lines: [] }
      cells(insert, record, where, held.cells)
      held.lines.push(line)
      if (held.lines.length === GROUP) flush(failed)
    },
    finish: flush,
    update(id, fields, where) {
      if (exists.get(id) === undefined) throw refused(`${where()}: table ${say(table)} has no record with id ${id}.`)
      if (Object.keys(fields).length === 0) return
      const update = change('update', fields, where)
      update.statement.run(...cells(update, fields, where), id)
    },
    remove: (id) => remove.run(id).changes > 0,
  }
}

function writableColumn(shape: TableShape, id: string, where: () => string): { name: string; type: string } {
  if (id === 'id') throw refused(`${where()}: "id" cannot be set; the document gives the ids.`)
  const column = columnOf(shape, id, where())
  if (column.fixed)
    throw refused(`${where()}: column ${say(id)} of table ${say(shape.table)} is computed and cannot be set.`)
  return column
}

function sameKeys(a: string[], b: string[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false
  return true
}
