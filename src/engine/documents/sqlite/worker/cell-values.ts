import { splitType } from './schema/column-types.ts'

/** What SQLite stores and returns. */
export type Cell = string | number | bigint | null | Uint8Array

/** A value that doesn't fit its column. It isn't quoted, because it's data. */
export class Misfit {
  readonly wanted: string

  constructor(wanted: string) {
    this.wanted = wanted
  }
}

export type Encoder = (value: unknown) => Cell | Misfit
/** Returns the 64-bit integer that a string of digits means, or null. */
export function longInteger(value: unknown): bigint | null {
  if (typeof value !== 'string' || !LONG_INTEGER.test(value)) return null
  const big = BigInt(value)
  return big === BigInt.asIntN(64, big) ? big : null
}

/** Returns whether a number is what its sender wrote. A whole number between 2^53 and 2^63 may have been rounded by a JSON parser. */
export function isExact(value: unknown): value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false
  return !Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value) >= 2 ** 63
}

function epochSeconds(value: number): Cell | Misfit {
  return Math.abs(value) > MAX_EPOCH_SECONDS
    ? new Misfit('epoch seconds. This number looks like milliseconds, so divide it by 1000')
    : value
}

export type Decoder = (value: unknown) => unknown

const LONG_INTEGER = /^-?[1-9]\d{15,18}$/
/** Epoch seconds beyond the year 5138. Larger numbers are milliseconds, as pandas and JavaScript write them. */
const MAX_EPOCH_SECONDS = 1e11
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/
/** The zone is optional: pandas writes timestamps without one, in UTC. */
const ISO_TIMESTAMP = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/
const MIDNIGHT = /[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?$/

/** Returns the function that checks a value against a column's Grist type and converts it to what is stored. Null clears a cell. */
export function encoderOf(type: string): Encoder {
  const [kind, argument] = splitType(type)
  const encode = kind === 'DateTime' ? dateTime(argument) : (ENCODERS[kind] ?? anything)
  return (value) => (value === null ? null : encode(value))
}

const text: Encoder = (value) => (typeof value === 'string' ? value : new Misfit('a string'))

const integer: Encoder = (value) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  return longInteger(value) ?? new Misfit("a whole number (as a string if it's beyond 2^53)")
}

const numeric: Encoder = (value) => {
  if (isExact(value)) return value
  return longInteger(value) ?? new Misfit('a number (a whole number beyond 2^53 as a string)')
}
const bool: Encoder = (value) => (typeof value === 'boolean' ? Number(value) : new Misfit('true or false'))

const date: Encoder = (value) => {
  if (typeof value === 'number' && Number.isFinite(value)) return epochSeconds(value)
  // pandas writes a date as a timestamp at midnight.
  if (typeof value === 'string' && value.length > 10 && MIDNIGHT.test(value)) return date(value.slice(0, 10))
  const wanted = new Misfit('a date: epoch seconds or "YYYY-MM-DD"')
  const parts = typeof value === 'string' ? ISO_DATE.exec(value) : null
  if (parts === null) return wanted
  const milliseconds = Date.parse(`${parts[0]}T00:00:00Z`)
  // Date.parse reads 30 February as 1 March.
  return Number.isNaN(milliseconds) || new Date(milliseconds).getUTCDate() !== Number(parts[3])
    ? wanted
    : milliseconds / 1000
}

const dateTime =
  (zone: string): Encoder =>
  (value) => {
    if (typeof value === 'number' && Number.isFinite(value)) return epochSeconds(value)
    const parts = typeof value === 'string' ? ISO_TIMESTAMP.exec(value) : null
    // Without a zone the column's own decides, and only UTC can be read without a calendar.
    const isClear = parts !== null && (parts[1] !== undefined || zone === '' || zone === 'UTC')
    const milliseconds = isClear ? Date.parse(`${parts[0].replace(' ', 'T')}${parts[1] === undefined ? 'Z' : ''}`) : NaN
    return Number.isNaN(milliseconds)
      ? new Misfit('a timestamp: epoch seconds, or ISO 8601 with time zone')
      : milliseconds / 1000
  }

const reference: Encoder = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : new Misfit('a record ID')

function list(wanted: string, fits: (item: unknown) => boolean): Encoder {
  return (value) =>
    Array.isArray(value) && value[0] === 'L' && value.slice(1).every(fits) ? JSON.stringify(value) : new Misfit(wanted)
}

const anything: Encoder = (value) => {
  if (typeof value === 'string' || isExact(value)) return value
  if (typeof value === 'boolean') return Number(value)
  return new Misfit('a string, a number, true, false or null')
}

const ENCODERS: Record<string, Encoder> = {
  Text: text,
  Choice: text,
  Int: integer,
  Numeric: numeric,
  Bool: bool,
  Date: date,
  Ref: reference,
  ChoiceList: list('a list ["L", "a", "b"]', (item) => typeof item === 'string'),
  RefList: list('a list ["L", 1, 2]', (item) => typeof item === 'number' && Number.isSafeInteger(item) && item >= 0),
}

/** Returns the function that converts a stored value for JSON, or null if none is needed. */
export function decoderOf(type: string, dates: 'epoch' | 'iso' = 'epoch'): Decoder | null {
  if (dates === 'iso' && (type === 'Date' || type.startsWith('DateTime'))) return isoDecoder(type === 'Date')
  if (type === 'Bool') return (value) => (value === 1 ? true : value === 0 ? false : value)
  const [kind] = splitType(type)
  if (kind === 'ChoiceList' || kind === 'RefList') return listOf
  return null
}

/** Converts 64-bit integers beyond 2^53 to decimal strings, blobs to {"base64"}, and numbers that JSON doesn't have to null. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(value)
      : value.toString()
  }
  if (value instanceof Uint8Array)
    return { base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
  if (typeof value === 'number' && !Number.isFinite(value)) return null
  return value
}

function listOf(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('[')) return value
  try {
    return JSON.parse(value)
  } catch (error) {
    // Another program's text in a list column is returned unchanged.
    if (error instanceof SyntaxError) return value
    throw error
  }
}

function isoDecoder(isDate: boolean): Decoder {
  return (value) => {
    const at = typeof value === 'number' ? new Date(value * 1000) : null
    if (at === null || Number.isNaN(at.getTime())) return value
    return isDate ? at.toISOString().slice(0, 10) : at.toISOString()
  }
}
