import { setImmediate as turn } from 'node:timers/promises'
import type { RequestFilter } from '../../contract/owner-api/requests-api.ts'
import { requestRecordSchema } from '../../contract/records.ts'
import type { RequestRecord } from '../../contract/records.ts'
import type { Store } from '../store/store.ts'

/** Row numbers looked at between two turns of the engine. */
const WINDOW = 500

export interface ExportPiece {
  text: string
  rows: number
}

/**
 * The rows that there are now, oldest first, in pieces of some hundred: one reading ahead of its reader at most. The first
 * piece of CSV holds the header; there is always one piece.
 */
export async function* exportRequests(
  store: Store,
  filter: RequestFilter & { since_ms?: number },
  format: 'jsonl' | 'csv',
  signal: AbortSignal,
): AsyncGenerator<ExportPiece, void> {
  const lineOf = format === 'csv' ? csvLine : jsonLine
  let text = format === 'csv' ? csvHeader() : ''
  let rows = 0
  let told = false
  const ends = store.read.requestEnds()
  for (let from = ends?.first_id ?? 0; ends !== null && from <= ends.last_id; from += WINDOW) {
    await turn()
    if (signal.aborted) return
    const to = Math.min(from + WINDOW, ends.last_id + 1)
    for (const row of store.read.requestsBetween(filter, { from, to, order: 'oldest', limit: WINDOW })) {
      text += lineOf(row)
      rows += 1
    }
    if (text === '') continue
    yield { text, rows }
    told = true
    text = ''
  }
  if (!told && !signal.aborted) yield { text, rows }
}

function jsonLine(row: RequestRecord): string {
  return `${JSON.stringify(row)}\n`
}

const COLUMNS = Object.keys(requestRecordSchema.shape) as (keyof RequestRecord)[]

/** CSV after RFC 4180. */
function csvHeader(): string {
  return `${COLUMNS.join(',')}\r\n`
}

function csvLine(row: RequestRecord): string {
  return `${COLUMNS.map((column) => cell(row[column])).join(',')}\r\n`
}

/** Spreadsheets run a text that starts like a formula, and callers choose some of these texts: an apostrophe makes it plain. */
function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const plain = /^\s*[=+\-@\t\r|%]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
