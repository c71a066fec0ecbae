import Database from 'better-sqlite3'
import { defaultCell, storedCell } from './stored-cell.ts'

export interface StandInColumn {
  type: string
  formula?: string
  isFormula?: boolean
  label?: string
  widgetOptions?: string
}
export type StandInTables = Record<string, { columns: Record<string, StandInColumn>; rows?: Record<string, unknown>[] }>

/** An error of the stand-in. Its response is `{error, details?}`. */
export class StandInRefusal extends Error {
  readonly status: number
  readonly details: unknown
  constructor(status: number, message: string, details?: unknown) {
    super(message)
    this.status = status
    this.details = details
  }
}

type Row = Map<string, unknown>
interface Table {
  ref: number
  columns: Map<string, StandInColumn>
  rows: Map<number, Row>
}
type Fields = Record<string, unknown>

/** Creates a document in memory that behaves like a real one, including its quirks. */
export function createStandInDocument(initial: StandInTables) {
  const tables = new Map<string, Table>()
  let refs = 0
  const nextRef = (): number => (refs += 1)
  for (const [id, { columns, rows = [] }] of Object.entries(initial)) {
    tables.set(id, { ref: nextRef(), columns: new Map(Object.entries(columns)), rows: new Map() })
    for (const row of rows) add(id, [{ fields: row }])
  }

  function table(id: string): Table {
    const found = tables.get(id)
    if (found === undefined) throw new StandInRefusal(404, `Table not found "${id}"`)
    return found
  }

  function checkColumns({ columns }: Table, keys: Iterable<string>): void {
    for (const key of keys) {
      const column = columns.get(key)
      if (column === undefined) throw new StandInRefusal(400, `Invalid column "${key}"`)
      if (column.isFormula === true && column.formula !== '')
        throw new StandInRefusal(
          400,
          `Error manipulating data: [Sandbox] ValueError Can't save value to formula column ${key}`,
        )
    }
  }

  function recordsOf(body: unknown): { id?: unknown; fields?: Fields }[] {
    const list = (body as { records?: unknown } | null)?.records
    if (!Array.isArray(list) || list.length === 0)
      throw new StandInRefusal(400, 'Invalid payload', { userError: 'Error: body.records is missing' })
    for (const [index, { fields = {} }] of (list as { fields?: Fields }[]).entries()) {
      for (const value of Object.values(fields)) {
        const odd =
          typeof value === 'object' && value !== null && !(Array.isArray(value) && /^[A-Za-z]$/.test(String(value[0])))
        if (odd)
          throw new StandInRefusal(400, 'Invalid payload', {
            userError: `Error: body.records[${index}] is not a NewRecord; body.records[${index}].fields is not a CellValue`,
          })
      }
    }
    return list as { id?: unknown; fields?: Fields }[]
  }

  function add(id: string, records: { fields?: Fields }[]): number[] {
    const target = table(id)
    const keys = new Set(records.flatMap(({ fields }) => Object.keys(fields ?? {})))
    checkColumns(target, keys)
    return records.map(({ fields = {} }) => {
      const rowId = Math.max(0, ...target.rows.keys()) + 1
      const row: Row = new Map()
      for (const [name, { type }] of target.columns)
        row.set(name, keys.has(name) ? storedCell(type, fields[name] ?? null) : defaultCell(type))
      target.rows.set(rowId, row)
      return rowId
    })
  }

  function freeName(taken: (name: string) => boolean, wanted: string, mark: string): string {
    const ascii = wanted.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=[0-9])/, 'c')
    // A name without any ASCII letter or digit is dropped: columns become A, B, …
    if (/^_*$/.test(ascii)) {
      for (let code = 65; ; code += 1) if (!taken(String.fromCharCode(code))) return String.fromCharCode(code)
    }
    let name = ascii
    for (let n = 2; taken(name); n += 1) name = `${ascii}${mark}${n}`
    return name
  }

  return {
    listTables: () => ({
      tables: [...tables].map(([id, { ref }]) => ({ id, fields: { tableRef: ref, summarySourceTable: 0 } })),
    }),
    listColumns: (id: string, hidden: boolean) => ({
      columns: [
        ...(hidden ? [['manualSort', { type: 'ManualSortPos' }] as [string, StandInColumn]] : []),
        ...table(id).columns,
      ].map(([name, { type, formula = '', isFormula = false, label = name, widgetOptions = '' }]) => ({
        id: name,
        fields: { type, formula, isFormula, label, widgetOptions },
      })),
    }),
    add: (id: string, body: unknown) => ({
      records: add(id, recordsOf(table(id) && body)).map((rowId) => ({ id: rowId })),
    }),
    change(id: string, body: unknown): null {
      const target = table(id)
      const records = recordsOf(body)
      if (records.some((record) => typeof record.id !== 'number' || record.fields === undefined))
        throw new StandInRefusal(400, 'Invalid payload', { userError: 'Error: body.records[0].id is not a number' })
      const shapes = new Set(
        records.map(({ fields }) =>
          Object.keys(fields ?? {})
            .toSorted()
            .join(),
        ),
      )
      if (shapes.size > 1) throw new StandInRefusal(400, 'PATCH requires all records to have same fields')
      checkColumns(target, Object.keys(records[0]?.fields ?? {}))
      for (const record of records)
        if (!target.rows.has(record.id as number)) throw new StandInRefusal(400, `Invalid row id ${String(record.id)}`)
      for (const record of records)
        for (const [name, value] of Object.entries(record.fields ?? {}))
          target.rows.get(record.id as number)?.set(name, storedCell(target.columns.get(name)?.type ?? 'Any', value))
      return null
    },
    remove(id: string, ids: unknown): null {
      const target = table(id)
      if (!Array.isArray(ids) || !ids.every(Number.isInteger))
        throw new StandInRefusal(400, 'Error manipulating data: [Sandbox] AssertionError ')
      for (const rowId of ids as number[]) target.rows.delete(rowId)
      return null
    },
    read(id: string, query: { filter?: unknown; sort?: string[]; limit?: number }) {
      const target = table(id)
      let found = [...target.rows].map(([rowId, row]) => ({ rowId, row }))
      const cellOf = (entry: { rowId: number; row: Row }, name: string): unknown =>
        name === 'id' ? entry.rowId : entry.row.get(name)
      for (const [name, values] of Object.entries((query.filter ?? {}) as Record<string, unknown>)) {
        if (!Array.isArray(values)) throw new StandInRefusal(400, 'Invalid query: filter values must be arrays')
        if (name !== 'id' && !target.columns.has(name))
          throw new StandInRefusal(400, `Error manipulating data: [Sandbox] KeyError '${name}'`)
        found = found.filter((entry) => values.includes(cellOf(entry, name)))
      }
      for (const key of (query.sort ?? []).toReversed()) {
        const name = key.replace(/^-/, '').replace(/:.*/, '')
        if (name !== 'id' && !target.columns.has(name)) throw new StandInRefusal(500, `unknown key ${name}`)
        const sign = key.startsWith('-') ? -1 : 1
        found = found.toSorted(
          (a, b) =>
            sign *
            ((cellOf(a, name) as number) < (cellOf(b, name) as number)
              ? -1
              : (cellOf(a, name) as number) > (cellOf(b, name) as number)
                ? 1
                : 0),
        )
      }
      // 0 means all; a negative limit removes records from the end.
      if (query.limit !== undefined && query.limit !== 0) found = found.slice(0, query.limit)
      return {
        records: found.map(({ rowId, row }) => {
          const failed = [...row].filter(([, value]) => Array.isArray(value) && value[0] === 'E')
          const fields = Object.fromEntries(
            [...row].map(([name, value]) => [name, Array.isArray(value) && value[0] === 'E' ? null : value]),
          )
          return {
            id: rowId,
            fields,
            ...(failed.length === 0
              ? {}
              : { errors: Object.fromEntries(failed.map(([name, value]) => [name, (value as unknown[])[1]])) }),
          }
        }),
      }
    },
    createTable(body: { tables: { id: string; columns?: { id: string; fields: StandInColumn }[] }[] }) {
      return {
        tables: body.tables.map(({ id, columns = [] }) => {
          if (columns.length === 0) throw new StandInRefusal(400, 'Invalid payload', { userError: 'Error: no columns' })
          const name = /[A-Za-z0-9]/.test(id)
            ? freeName((taken) => tables.has(taken), id.charAt(0).toUpperCase() + id.slice(1), '')
            : `Table${tables.size + 1}`
          const made = new Map<string, StandInColumn>()
          for (const column of columns)
            made.set(
              freeName((taken) => made.has(taken), column.id, ''),
              { isFormula: false, formula: '', ...column.fields },
            )
          tables.set(name, {
            ref: nextRef(),
            columns: made,
            rows: new Map(),
          })
          return { id: name }
        }),
      }
    },
    addColumns(id: string, body: { columns: { id: string; fields: StandInColumn }[] }) {
      const { columns, rows } = table(id)
      return {
        columns: body.columns.map((column) => {
          if (column.fields.type === 'Nonsense')
            throw new StandInRefusal(
              400,
              "Error manipulating data: [Sandbox] AttributeError module 'grist' has no attribute 'Nonsense'",
            )
          const name = freeName((taken) => columns.has(taken), column.id, '_')
          columns.set(name, { isFormula: true, formula: '', ...column.fields })
          for (const row of rows.values()) row.set(name, defaultCell(column.fields.type))
          return { id: name }
        }),
      }
    },
    changeColumns(
      id: string,
      body: { columns: { id: string; fields: StandInColumn & { untieColIdFromLabel?: boolean } }[] },
    ): null {
      const { columns, rows } = table(id)
      for (const { id: name, fields } of body.columns) {
        const { untieColIdFromLabel, ...rest } = fields
        const renamed = untieColIdFromLabel === true ? undefined : rest.label
        const column = columns.get(name)
        if (column === undefined) throw new StandInRefusal(404, `Column not found "${name}"`)
        if (rest.type !== undefined)
          for (const row of rows.values()) row.set(name, storedCell(rest.type, row.get(name) ?? null))
        // A changed label renames the column unless untieColIdFromLabel is set.
        const entries = [...columns].map(([key, value]): [string, StandInColumn] =>
          key === name ? [renamed ?? name, { ...column, ...rest }] : [key, value],
        )
        columns.clear()
        for (const [key, value] of entries) columns.set(key, value)
      }
      return null
    },
    renameTable(body: { tables: { id: string; fields: { tableId: string } }[] }): null {
      for (const { id, fields } of body.tables) {
        const found = table(id)
        tables.delete(id)
        const wanted = fields.tableId.charAt(0).toUpperCase() + fields.tableId.slice(1)
        tables.set(
          freeName((taken) => tables.has(taken), wanted, ''),
          found,
        )
      }
      return null
    },
    apply(actions: unknown[][]) {
      for (const [action, id] of actions) {
        if (action !== 'RemoveTable' || !tables.delete(String(id)))
          throw new StandInRefusal(500, `[Sandbox] ValueError No such table: ${String(id)}`)
      }
      return { actionNum: 1, retValues: [null], isModification: true }
    },
    upsert(id: string, body: unknown, noAdd: boolean) {
      const target = table(id)
      const list = (body as { records: { require: Fields; fields: Fields }[] }).records
      const answer = { recordIds: [] as number[][], addRecordIds: [] as number[], updateRecordIds: [] as number[][] }
      for (const { require, fields } of list) {
        checkColumns(target, [...Object.keys(require).filter((key) => key !== 'id'), ...Object.keys(fields)])
        if (Object.keys(require).length === 0)
          throw new StandInRefusal(400, "require is empty but allow_empty_require isn't set")
      }
      for (const { require, fields } of list) {
        const found = [...target.rows].find(([rowId, row]) =>
          Object.entries(require).every(([name, value]) => (name === 'id' ? rowId : row.get(name)) === value),
        )
        if (found !== undefined) {
          for (const [name, value] of Object.entries(fields))
            found[1].set(name, storedCell(target.columns.get(name)?.type ?? 'Any', value))
          answer.recordIds.push([found[0]])
          answer.updateRecordIds.push([found[0]])
        } else if (noAdd) answer.recordIds.push([])
        else {
          const [rowId = 0] = add(id, [{ fields: { ...require, ...fields } }])
          answer.recordIds.push([rowId])
          answer.addRecordIds.push(rowId)
        }
      }
      return answer
    },
    removeColumn(id: string, name: string): null {
      const found = tables.get(id)
      if (found === undefined || !found.columns.delete(name))
        throw new StandInRefusal(404, `Table or column not found "${id}.${name}"`)
      for (const row of found.rows.values()) row.delete(name)
      return null
    },
    sql({ sql, args = [] }: { sql: string; args?: unknown }) {
      if (!Array.isArray(args))
        throw new StandInRefusal(400, 'Invalid payload', { userError: 'Error: body.args is not an array' })
      if (!/select/i.test(sql)) throw new StandInRefusal(400, 'only select statements are supported')
      const mirror = new Database(':memory:')
      try {
        for (const [id, { columns, rows }] of tables) {
          const names = ['id', 'manualSort', ...columns.keys()]
          mirror.exec(`create table "${id}" (${names.map((name) => `"${name}"`).join(', ')})`)
          const insert = mirror.prepare(`insert into "${id}" values (${names.map(() => '?').join(', ')})`)
          for (const [rowId, row] of rows)
            insert.run(rowId, rowId, ...[...columns.keys()].map((name) => rawValue(row.get(name))))
        }
        let statement
        try {
          statement = mirror.prepare(`select * from (${sql.replace(/;\s*$/, '')})`)
        } catch (error) {
          throw new StandInRefusal(400, `SQLITE_ERROR: ${(error as Error).message}`)
        }
        try {
          return { statement: sql, records: statement.all(...args).map((fields) => ({ fields })) }
        } catch (error) {
          throw new StandInRefusal(500, `SQLITE_RANGE: column index out of range (${(error as Error).message})`)
        }
      } finally {
        mirror.close()
      }
    },
  }
}

/** Returns the value as SQLite stores it: booleans as 1 and 0, errors as binary, lists as JSON text. */
function rawValue(value: unknown): unknown {
  if (typeof value === 'boolean') return Number(value)
  if (Array.isArray(value)) return value[0] === 'E' ? Buffer.from(String(value[1])) : JSON.stringify(value.slice(1))
  return value ?? null
}
