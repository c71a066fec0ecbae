import type { Database, Statement } from 'better-sqlite3'
import type { RecordId } from '../../../../contract/methods/document-methods.ts'
import { encoderOf, Misfit, plainValue, type Cell, type Encoder } from './cell-values.ts'
import { invalidRequest, type HallpassError } from '../../../../contract/errors.ts'
import { quoteName } from '../../sql-tokens.ts'
import { noColumn, ownId, quoted, tableShape, writableRowId, type TableShape } from './schema/table-shape.ts'

interface Change {
  keys: string[]
  encoders: Encoder[]
  statement: Statement<unknown[]>
  /** Stores GROUP records at once, because running a statement costs about as much as storing two records. */
  grouped?: Statement<unknown[]>
}

const GROUP = 16
const MAX_PARAMETERS = 32_766
const MAX_STATEMENTS = 256

/** Where a record comes from: its position in a call, or its line in a stream. */
type RecordPlace = { position: number } | { line: number }

export const atRecord = (position: number): RecordPlace => ({ position })

/** Returns the error for a record that can't be stored. A stream's record is named by its line, a call's by the field. */
function recordError(place: RecordPlace, sentence: string, reason?: string): HallpassError {
  const options = reason === undefined ? {} : { reason }
  return 'line' in place
    ? invalidRequest(`Line ${place.line}: ${sentence}`, undefined, { ...options, details: { failed_line: place.line } })
    : invalidRequest(sentence, `records[${place.position}]`, options)
}

/** Checks and stores records of one table. The caller opens the transaction. */
export interface RecordWriter {
  add(record: Record<string, unknown>, place: RecordPlace): RecordId
  /**
   * Validates immediately and stores together with others of the same shape; `finish` stores the rest. `onFailure` gets
   * the line of a record that SQLite rejects.
   */
  addLater(record: Record<string, unknown>, line: number, onFailure: (line: number, error: unknown) => never): void
  finish(onFailure: (line: number, error: unknown) => never): void
  /** `where` has the values that the record must still have. */
  update(id: RecordId, fields: Record<string, unknown>, place: RecordPlace, where?: Record<string, unknown>): void
  /** Updates the record whose columns equal `required`, or adds one. Returns what it did and the record's ID. */
  upsert(
    required: Record<string, unknown>,
    fields: Record<string, unknown>,
    place: RecordPlace,
  ): { added: boolean; id: RecordId }
  /** Returns false if the record doesn't exist. That isn't an error, as in Grist. */
  remove(id: RecordId): boolean
}

export function recordWriter(db: Database, table: string): RecordWriter {
  const shape = tableShape(db, table)
  const rowId = writableRowId(shape)
  const name = `main.${quoteName(table)}`
  const inserts = new Map<string, Change>()
  const updates = new Map<string, Change>()
  const searches = new Map<string, Statement<unknown[]>>()
  const exists = db.prepare(`SELECT 1 FROM ${name} WHERE ${rowId} = ?`).pluck()
  const remove = db.prepare(`DELETE FROM ${name} WHERE ${rowId} = ?`)
  let last: Change | undefined
  let pending: { change: Change; cells: Cell[]; lines: number[] } | undefined

  function change(kind: 'add' | 'update', record: Record<string, unknown>, place: RecordPlace): Change {
    const keys = Object.keys(record)
    const known = kind === 'add' ? inserts : updates
    if (kind === 'add' && last !== undefined && sameKeys(last.keys, keys)) return last
    const signature = JSON.stringify(keys)
    let found = known.get(signature)
    if (found === undefined) {
      found = prepare(kind, keys, place)
      // Limits the number of prepared statements if every record has another shape.
      if (known.size >= MAX_STATEMENTS) known.clear()
      known.set(signature, found)
    }
    if (kind === 'add') last = found
    return found
  }

  function prepare(kind: 'add' | 'update', keys: string[], place: RecordPlace): Change {
    const columns = keys.map((key) => writableColumn(shape, key, place))
    const names = columns.map((column) => quoteName(column.name))
    const insert =
      names.length === 0 ? 'DEFAULT VALUES' : `(${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
    const sql =
      kind === 'add'
        ? `INSERT INTO ${name} ${insert}`
        : `UPDATE ${name} SET ${names.map((column) => `${column} = ?`).join(', ')} WHERE ${rowId} = ?`
    const groups = kind === 'add' && names.length > 0 && names.length * GROUP <= MAX_PARAMETERS
    const group = `${sql}${`, (${names.map(() => '?').join(', ')})`.repeat(GROUP - 1)}`
    const encoders = columns.map((column) => encoderOf(column.type))
    return {
      keys,
      encoders,
      statement: db.prepare(sql).safeIntegers(),
      ...(groups ? { grouped: db.prepare(group) } : {}),
    }
  }

  function flush(onFailure: (line: number, error: unknown) => never): void {
    if (pending === undefined) return
    const { change: insert, cells: all, lines } = pending
    pending = undefined
    const width = insert.keys.length
    const single = (index: number): void => {
      try {
        insert.statement.run(...all.slice(index * width, (index + 1) * width))
      } catch (error) {
        onFailure(lines[index] as number, error)
      }
    }
    if (lines.length === GROUP && insert.grouped !== undefined) {
      try {
        insert.grouped.run(...all)
        return
      } catch (error) {
        // Storing one by one finds the line, unless a rule of the table ended the transaction: nothing can be stored outside it.
        if (!db.inTransaction) onFailure(lines[0] as number, error)
      }
    }
    for (let index = 0; index < lines.length; index += 1) single(index)
  }

  function cells(
    { keys, encoders }: Pick<Change, 'keys' | 'encoders'>,
    record: Record<string, unknown>,
    place: RecordPlace,
    values: Cell[] = [],
  ): Cell[] {
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string
      const cell = (encoders[index] as Encoder)(record[key])
      if (cell instanceof Misfit)
        throw recordError(place, `Column ${quoted(key)} of table ${quoted(table)} needs ${cell.wanted}.`)
      values.push(cell)
    }
    return values
  }

  /** Returns the row IDs of at most two records with these values. */
  function find(wanted: Record<string, unknown>, place: RecordPlace, id?: number | bigint): bigint[] {
    const keys = Object.keys(wanted)
    const columns = keys.map((key) => writableColumn(shape, key, place))
    const values = cells({ keys, encoders: columns.map(({ type }) => encoderOf(type)) }, wanted, place)
    const terms = columns.map((column) => `${quoteName(column.name)} IS ?`)
    if (id !== undefined) terms.push(`${rowId} = ?`)
    const sql = `SELECT ${rowId} FROM ${name} WHERE ${terms.join(' AND ')} LIMIT 2`
    let search = searches.get(sql)
    if (search === undefined) {
      search = db.prepare(sql).pluck().safeIntegers()
      if (searches.size >= MAX_STATEMENTS) searches.clear()
      searches.set(sql, search)
    }
    return search.all(...values, ...(id === undefined ? [] : [id])) as bigint[]
  }

  return {
    add(record, place) {
      const insert = change('add', record, place)
      return recordId(insert.statement.run(...cells(insert, record, place)).lastInsertRowid)
    },
    addLater(record, line, onFailure) {
      const place = { line }
      const insert = change('add', record, place)
      if (pending !== undefined && pending.change !== insert) flush(onFailure)
      pending ??= { change: insert, cells: [], lines: [] }
      cells(insert, record, place, pending.cells)
      pending.lines.push(line)
      if (pending.lines.length === GROUP) flush(onFailure)
    },
    finish: flush,
    update(id, fields, place, where) {
      if (exists.get(rowIdCell(id)) === undefined)
        throw recordError(place, `Table ${quoted(table)} has no record with ID ${id}.`)
      if (where !== undefined && !find(where, place, rowIdCell(id)).length)
        throw recordError(place, `The record with ID ${id} no longer has these values.`, 'condition_failed')
      if (Object.keys(fields).length === 0) return
      const update = change('update', fields, place)
      update.statement.run(...cells(update, fields, place), rowIdCell(id))
    },
    upsert(required, fields, place) {
      if (Object.keys(required).length === 0) throw recordError(place, '"require" needs at least one column.')
      const found = find(required, place)
      if (found.length > 1) throw recordError(place, 'Several records match "require".', 'several_matches')
      const id = found[0]
      if (id === undefined) return { added: true, id: this.add({ ...required, ...fields }, place) }
      this.update(recordId(id), fields, place)
      return { added: false, id: recordId(id) }
    },
    remove: (id) => remove.run(rowIdCell(id)).changes > 0,
  }
}

function writableColumn(shape: TableShape, id: string, place: RecordPlace): { name: string; type: string } {
  if (id === 'id') {
    const own = ownId(shape)
    const hint = own === null ? '' : ` The table's own column "id" is called ${quoted(own)} here.`
    throw recordError(place, `Remove "id". Record IDs are assigned automatically.${hint}`)
  }
  const column = shape.columns.get(id)
  if (column === undefined) throw recordError(place, noColumn(shape, id))
  if (column.isFixed)
    throw recordError(place, `Column ${quoted(id)} of table ${quoted(shape.table)} is computed and can't be set.`)
  return column
}

function sameKeys(a: string[], b: string[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false
  return true
}

function recordId(id: number | bigint): RecordId {
  return plainValue(id) as RecordId
}

function rowIdCell(id: RecordId): number | bigint {
  return typeof id === 'string' ? BigInt(id) : id
}
