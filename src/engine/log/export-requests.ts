import { setImmediate as turn } from 'node:timers/promises'
import { requestRecordSchema } from '../../contract/records.ts'
import type { SealedRow } from '../store/requests/writing/log-chain.ts'
import type { RequestQuery, RequestStore } from '../store/requests/request-store.ts'

/** Number of rows read between two turns of the event loop. */
const WINDOW = 500

export interface ExportPiece {
  text: string
  rows: number
}

/**
 * Yields the current rows, oldest first, in pieces of a few hundred, reading at most one ahead. The first CSV piece
 * contains the header, and there is always one piece. Each row has its batch and the batch's hash, so that a log that
 * is changed later no longer matches the export.
 */
export async function* exportRequests(
  requests: RequestStore,
  query: RequestQuery,
  format: 'jsonl' | 'csv',
  signal: AbortSignal,
): AsyncGenerator<ExportPiece, void> {
  const lineOf = format === 'csv' ? csvLine : jsonLine
  let text = format === 'csv' ? csvHeader() : ''
  let rows = 0
  let yielded = false
  const ends = await requests.requestEnds()
  const within = await requests.idsWithin(query.since_ms, query.until_ms)
  const last = Math.min(ends?.last_id ?? -1, within.to)
  for (let from = Math.max(ends?.first_id ?? 0, within.from); from <= last; from += WINDOW) {
    await turn()
    if (signal.aborted) return
    const to = Math.min(from + WINDOW, last + 1)
    for (const row of await requests.sealedBetween(query, { from, to, order: 'oldest', limit: WINDOW })) {
      text += lineOf(row)
      rows += 1
    }
    if (text === '') continue
    yield { text, rows }
    yielded = true
    text = ''
  }
  if (!yielded && !signal.aborted) yield { text, rows }
}

function jsonLine(row: SealedRow): string {
  return `${JSON.stringify(row)}\n`
}

const COLUMNS = [...Object.keys(requestRecordSchema.shape), 'batch', 'chain'] as (keyof SealedRow)[]

/** CSV as in RFC 4180. */
function csvHeader(): string {
  return `${COLUMNS.join(',')}\r\n`
}

function csvLine(row: SealedRow): string {
  return `${COLUMNS.map((column) => cell(row[column])).join(',')}\r\n`
}

/**
 * Spreadsheets execute texts that start like a formula, and callers choose some of these texts. An apostrophe prevents
 * that.
 */
function cell(given: string | number | boolean | object | null): string {
  if (given === null) return ''
  if (typeof given === 'number' || typeof given === 'boolean') return String(given)
  const value = typeof given === 'string' ? given : JSON.stringify(given)
  const plain = /^\s*[=+\-@\t\r|%]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
