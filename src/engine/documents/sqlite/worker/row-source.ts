import { plainValue, type Decoder } from './cell-values.ts'
import { refused } from '../document-failure.ts'
import type { AnswerLimits } from '../worker-messages.ts'

/** Rows as arrays, with what their cells are called and how they read. */
export interface RowSource {
  names: string[]
  decoders: (Decoder | null)[]
  /** The first name has no cell: it counts the rows. */
  numbered: boolean
  rows(): IterableIterator<unknown[]>
}

/** One JSON text a row. Text is built by hand with ready-made keys: it is what a stream spends its time on. */
export function rowTexts(source: RowSource): (row: unknown[], number: number) => string {
  const keys = source.names.map((name, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`)
  const { decoders, numbered } = source
  return (row, number) => {
    let text = ''
    for (let index = 0; index < keys.length; index += 1) {
      text += keys[index]
      const stored = numbered ? (index === 0 ? number : row[index - 1]) : row[index]
      const value = plainValue(stored)
      const decode = decoders[index]
      if (decode !== null && decode !== undefined) text += JSON.stringify(decode(value))
      else if (typeof value === 'number') text += String(value)
      else text += JSON.stringify(value)
    }
    return keys.length === 0 ? '{}' : `${text}}`
  }
}

/** All rows as the text of a JSON array, within limits. */
export function answerText(source: RowSource, limits: AnswerLimits): string {
  const write = rowTexts(source)
  const parts: string[] = []
  let size = 0
  for (const row of source.rows()) {
    const text = write(row, parts.length + 1)
    size += text.length
    if (parts.length === limits.rows) throw tooMuch(`${limits.rows} records`)
    if (size > limits.bytes) throw tooMuch(`${limits.bytes} bytes`)
    parts.push(text)
  }
  return `[${parts.join(',')}]`
}

function tooMuch(what: string): Error {
  return refused(
    `The answer is larger than ${what}. Ask for less (limit, filter, fewer columns), or stream it with "Accept: application/x-ndjson".`,
  )
}
