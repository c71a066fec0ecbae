import { HallpassError } from '../../../../contract/errors.ts'
import { marshalledValue } from './marshalled-value.ts'

/** One record as Grist returns it: ID and fields are separate. */
export interface GristRecord {
  id: number
  fields: Record<string, unknown>
  /** The columns whose formula failed, with the name of the error. */
  errors?: Record<string, string>
}

export type FlatRecord = { id: number } & Record<string, unknown>

const MAX_DEPTH = 64

/** Returns `{id, …fields}`. A cell whose formula failed is null, and `errors` names the error. */
export function flatRecord(record: GristRecord): FlatRecord {
  if (typeof record.id !== 'number') throw unexpectedResponse()
  const flat: FlatRecord = { id: record.id }
  for (const [column, value] of Object.entries(fieldsOf(record))) {
    // Assigning to this name would change the object, not add a column.
    if (column !== '__proto__') flat[column] = cell(value)
  }
  if (record.errors !== undefined && !('errors' in flat)) flat['errors'] = record.errors
  return flat
}

/**
 * Returns a row of a query. Values in Grist's binary format arrive as a Buffer: those that don't fit their column are decoded,
 * errors become null.
 */
export function queryRow(record: { fields: Record<string, unknown> }): Record<string, unknown> {
  const fields = fieldsOf(record)
  for (const [column, value] of Object.entries(fields)) {
    if (typeof value === 'object' && value !== null) fields[column] = storedValue(value)
  }
  return fields
}

function storedValue(value: object): unknown {
  const { type, data } = value as { type?: unknown; data?: unknown }
  if (type !== 'Buffer' || !Array.isArray(data)) return null
  return cell(marshalledValue(data as number[]) ?? null)
}

function cell(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value) && value[0] === 'E') return null
  return deeper(value, MAX_DEPTH) ? null : value
}

/** Returns whether a value is nested too deeply to be serialized. */
function deeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((child) => deeper(child, levels - 1))
}

/** Returns the fields of a record or column. A response without them isn't Grist's. */
export function fieldsOf<T extends object>(entry: { fields: T }): T {
  const fields: unknown = entry.fields
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw unexpectedResponse()
  return entry.fields
}

/** Parses records. The parser's own message would quote the response, which is data, so it is dropped. */
export function parseRecords<T>(text: string): T[] {
  try {
    return JSON.parse(text) as T[]
  } catch {
    throw unexpectedResponse()
  }
}

function unexpectedResponse(): HallpassError {
  return new HallpassError('GRIST_ERROR', "Unexpected response. Check that the connection's URL is a Grist server.")
}

/** Returns the list under a name in a response. Throws GRIST_ERROR if it isn't there. */
export function listIn<T>(body: unknown, name: string): T[] {
  const list: unknown = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'object' && entry !== null)) {
    throw new HallpassError(
      'GRIST_ERROR',
      `Unexpected response without ${name}. Check that the connection's URL is a Grist server.`,
    )
  }
  return list as T[]
}
