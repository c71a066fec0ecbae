import { requestRecordSchema } from '../../contract/records.ts'
import type { RequestRecord } from '../../contract/records.ts'

/** One JSON object a line. */
export function* exportJsonLines(rows: Iterable<RequestRecord>): Generator<string, void> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`
}

/** CSV after RFC 4180, with a header line. */
export function* exportCsv(rows: Iterable<RequestRecord>): Generator<string, void> {
  const columns = Object.keys(requestRecordSchema.shape) as (keyof RequestRecord)[]
  yield `${columns.join(',')}\r\n`
  for (const row of rows) yield `${columns.map((column) => cell(row[column])).join(',')}\r\n`
}

/** Spreadsheets run a text that starts like a formula, and callers choose some of these texts: an apostrophe makes it plain. */
function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const plain = /^\s*[=+\-@\t\r|%]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
