import { UNREADABLE } from './other-encodings.ts'
import { plainValue, type Decoder } from './cell-values.ts'
import { invalidRequest } from '../../../../contract/errors.ts'
import type { AnswerLimits } from '../worker-messages.ts'

/** Rows as arrays, with the names and decoders of their cells. */
export interface RowSource {
  names: string[]
  decoders: (Decoder | null)[]
  /** The first name has no cell. Its value is the number of the row. */
  numbered: boolean
  /** The number of the first row. */
  first?: number
  rows(): IterableIterator<unknown[]>
  /** Reads texts again that SQLite's reader couldn't decode. */
  repair?: (row: unknown[]) => unknown[]
}

/** Returns the function that writes a row as JSON. It concatenates prepared keys, because streams spend most of their time here. */
export function rowTexts(source: RowSource): (row: unknown[], number: number) => string {
  const keys = source.names.map((name, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`)
  const { decoders, numbered, first = 1, repair } = source
  const write = (row: unknown[], number: number): string => {
    let text = ''
    for (let index = 0; index < keys.length; index += 1) {
      text += keys[index]
      const stored = numbered ? (index === 0 ? number + first - 1 : row[index - 1]) : row[index]
      const value = plainValue(stored)
      const decode = decoders[index]
      if (decode !== null && decode !== undefined) text += JSON.stringify(decode(value))
      else if (typeof value === 'number') text += String(value)
      else text += JSON.stringify(value)
    }
    return keys.length === 0 ? '{}' : `${text}}`
  }
  if (repair === undefined) return write
  return (row, number) => {
    const text = write(row, number)
    return text.includes(UNREADABLE) ? write(repair(row), number) : text
  }
}

/** Returns all rows as the text of a JSON array, and their number. Throws INVALID_REQUEST beyond the limits. */
export function answerText(source: RowSource, limits: AnswerLimits): { data: string; records: number } {
  const write = rowTexts(source)
  let all = ''
  let records = 0
  for (const row of source.rows()) {
    if (records === limits.rows) throw tooMuch(`${limits.rows} records`)
    records += 1
    const text = write(row, records)
    if (all.length + text.length > limits.bytes) throw tooMuch(`${limits.bytes} bytes`)
    all += records === 1 ? text : `,${text}`
  }
  return { data: `[${all}]`, records }
}

function tooMuch(what: string): Error {
  return invalidRequest(
    `The result is larger than ${what}. Use a limit, a filter or fewer columns, or read it as a stream ("Accept: application/x-ndjson").`,
    undefined,
    { reason: 'result_too_large' },
  )
}
