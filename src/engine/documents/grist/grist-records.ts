import { HallpassError } from '../../../contract/errors.ts'

/** One record as Grist answers it: id and fields apart. */
export interface GristRecord {
  id: number
  fields: Record<string, unknown>
}

export type FlatRecord = { id: number } & Record<string, unknown>

const DEEPEST = 64

/** `{id, …fields}`; a cell whose formula failed is null. */
export function flatRecord(record: GristRecord): FlatRecord {
  if (typeof record.id !== 'number') throw notRecords()
  const flat: FlatRecord = { id: record.id }
  for (const [column, value] of Object.entries(fieldsOf(record))) {
    // Assigning to this name would change the object, not add a column.
    if (column !== '__proto__') flat[column] = cell(value)
  }
  return flat
}

/**
 * A row of a query. Storage that has no JSON value arrives as a Buffer: an error or another value that Grist keeps in
 * its own binary form, which get_records shows as null where it is an error. It is null here.
 */
export function queryRow(record: { fields: Record<string, unknown> }): Record<string, unknown> {
  const fields = fieldsOf(record)
  for (const [column, value] of Object.entries(fields)) {
    if (typeof value === 'object' && value !== null) fields[column] = null
  }
  return fields
}

function cell(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value) && value[0] === 'E') return null
  return deeper(value, DEEPEST) ? null : value
}

/** A document that nests without end would make the reply impossible to write down. */
function deeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((child) => deeper(child, levels - 1))
}

/** The fields of a record or column; an answer without them is not Grist's. */
export function fieldsOf<T extends object>(entry: { fields: T }): T {
  const fields: unknown = entry.fields
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw notRecords()
  return entry.fields
}

/** The parser's own words would quote the answer, which is data: they go nowhere. */
export function parseRecords<T>(text: string): T[] {
  try {
    return JSON.parse(text) as T[]
  } catch {
    throw notRecords()
  }
}

function notRecords(): HallpassError {
  return new HallpassError(
    'GRIST_ERROR',
    "Grist's answer holds something that is no record: the connection's URL may not be a Grist server's.",
  )
}

/** The list under a name in an answer; what answers 200 and something else is not Grist. */
export function listIn<T>(body: unknown, name: string): T[] {
  const list: unknown = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'object' && entry !== null)) {
    throw new HallpassError(
      'GRIST_ERROR',
      `Grist's answer has no list of ${name}: the connection's URL may not be a Grist server's.`,
    )
  }
  return list as T[]
}
