import type { BulkWriteMethod, RecordId } from '../../contract/methods/document-methods.ts'
import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import { hasNotANumber, mayBeRounded, parseExactJson } from '../text/exact-json.ts'
import { isObject } from '../text/json.ts'
import { bigintPath } from './bigint-path.ts'

export interface Line {
  /** 1-based, counting every line of the input, blank ones too. */
  line: number
  text: string
}

interface BulkUpdate {
  id: RecordId
  fields: Record<string, unknown>
  where?: Record<string, unknown>
}

/** What a line of each bulk method contains. */
interface BulkLine {
  add_records: Record<string, unknown>
  update_records: BulkUpdate
  upsert_records: { require: Record<string, unknown>; fields: Record<string, unknown> }
  delete_records: RecordId
}

const MAX_DEPTH = 64
const NEWLINE = 0x0a
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * Splits NDJSON bytes into lines, as many at a time as a chunk completes. CRLF is accepted; blank lines are counted but not
 * yielded. Holds at most one unfinished line. A line that is too long or not UTF-8 throws INVALID_REQUEST after the lines
 * before it have been yielded.
 */
export async function* readLines(
  body: AsyncIterable<Uint8Array>,
  { maxLineBytes = 1_048_576 }: { maxLineBytes?: number } = {},
): AsyncIterable<Line[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let line = 1

  function* split(bytes: Uint8Array): Iterable<Line[]> {
    const lines: Line[] = []
    const whole = bytes.length <= maxLineBytes ? decode(bytes) : null
    // Decodes all lines of a chunk at once. A chunk with a bad or long line is decoded line by line to find it.
    const texts = whole === null ? eachLine(bytes) : whole.split('\n')
    for (const text of texts) {
      if (text instanceof HallpassError) {
        if (lines.length > 0) yield lines
        throw text
      }
      const clean = line === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
      if (clean.trim() !== '') lines.push({ line, text: clean })
      line += 1
    }
    if (lines.length > 0) yield lines
  }

  function decode(bytes: Uint8Array): string | null {
    try {
      return decoder.decode(bytes)
    } catch (error) {
      if (error instanceof TypeError) return null
      throw error
    }
  }

  function* eachLine(bytes: Uint8Array): Iterable<string | HallpassError> {
    for (let start = 0; start <= bytes.length;) {
      const found = bytes.indexOf(NEWLINE, start)
      const end = found === -1 ? bytes.length : found
      const text = end - start > maxLineBytes ? tooLong() : decode(bytes.subarray(start, end))
      yield text ?? badLine(line, 'not valid UTF-8')
      start = end + 1
    }
  }

  const tooLong = (): HallpassError => badLine(line, `longer than ${maxLineBytes} bytes`)

  for await (const chunk of body) {
    const last = chunk.lastIndexOf(NEWLINE)
    if (last !== -1) {
      const complete =
        pending.length === 0 ? chunk.subarray(0, last) : Buffer.concat([...pending, chunk.subarray(0, last)])
      yield* split(complete)
      pending = []
      pendingBytes = 0
    }
    const rest = chunk.subarray(last + 1)
    if (rest.length > 0) {
      // A copy, because the source may reuse its buffer for the next chunk. Buffer.slice() doesn't copy.
      pending.push(Buffer.from(rest))
      pendingBytes += rest.length
    }
    if (pendingBytes > maxLineBytes + 1) throw tooLong()
  }
  if (pendingBytes > 0) yield* split(Buffer.concat(pending))
}

/** Parses one line of a bulk load. Throws INVALID_REQUEST with the line in `details.failed_line`. */
export function parseBulkLine<M extends BulkWriteMethod>(method: M, text: string, line: number): BulkLine[M] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's own message would quote the line, which is data, so it is dropped.
    throw badLine(
      line,
      hasNotANumber(text) ? "NaN and Infinity aren't JSON values. Send null instead" : 'not valid JSON',
    )
  }
  const problem = problemOf(value, MAX_DEPTH)
  if (problem === 'deep') throw badLine(line, `nested more than ${MAX_DEPTH} levels deep`)
  if (problem === 'rounded' && bigintPath(parseExactJson(text)) !== null)
    throw badLine(line, 'a whole number beyond 2^53 must be a string')
  if (problem === 'rounded' && hasInfinity(value)) throw badLine(line, 'a number is too large')
  return PARSERS[method](value, line)
}

/** One pass, because a load spends much of its time here. */
function problemOf(value: unknown, depth: number): 'deep' | 'rounded' | null {
  if (typeof value === 'number') return mayBeRounded(value) ? 'rounded' : null
  if (typeof value !== 'object' || value === null) return null
  if (depth === 0) return 'deep'
  let problem: 'rounded' | null = null
  for (const key in value) {
    const found = problemOf((value as Record<string, unknown>)[key], depth - 1)
    if (found === 'deep') return found
    problem ??= found
  }
  return problem
}

function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInfinity)
}

const PARSERS: { [M in BulkWriteMethod]: (value: unknown, line: number) => BulkLine[M] } = {
  add_records(value, line) {
    if (!isObject(value)) throw badLine(line, 'must be an object {column: value}')
    return value
  },
  update_records(value, line) {
    if (!isObject(value)) throw badLine(line, 'must be an object {"id", "fields"}')
    const unknown = Object.keys(value).find((key) => key !== 'id' && key !== 'fields' && key !== 'where')
    if (unknown !== undefined)
      throw badLine(line, `unknown field ${JSON.stringify(unknown.slice(0, 64))}. Each line must be {"id", "fields"}`)
    if (!isObject(value.fields)) throw badLine(line, 'fields must be an object {column: value}')
    if (value.where !== undefined && !isObject(value.where))
      throw badLine(line, 'where must be an object {column: value}')
    return {
      id: rowId(value.id, line),
      fields: value.fields,
      ...(value.where === undefined ? {} : { where: value.where }),
    }
  },
  upsert_records(value, line) {
    if (!isObject(value) || !isObject(value.require) || !isObject(value.fields))
      throw badLine(line, 'must be an object {"require", "fields"}')
    return { require: value.require, fields: value.fields }
  },
  delete_records(value, line) {
    return rowId(isObject(value) ? value.id : value, line)
  },
}

function rowId(value: unknown, line: number): RecordId {
  if (typeof value === 'string' && /^-?[0-9]{16,19}$/.test(value)) return value
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value
  throw badLine(line, 'id must be a whole number of at least 1')
}

function badLine(line: number, why: string): HallpassError {
  return invalidRequest(`Line ${line}: ${why}.`, undefined, { details: { failed_line: line } })
}
