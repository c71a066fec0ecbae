import { invalidRequest } from '../../../contract/errors.ts'
import { CONTAINS_FIELDS } from '../../../contract/owner-api/contains-fields.ts'
import type { RequestQuery } from './request-store.ts'

interface Conditions {
  /** Begins with AND, or is empty. */
  where: string
  values: (string | number)[]
}

/** Columns that the text search covers. */
const SEARCHED = ['request_id', 'project', 'token', 'parent', 'client', 'method', 'connection', 'resource', 'code']

type Part = [sql: string, ...values: (string | number)[]]

/**
 * Returns a filter as SQL conditions. Values are always bound, and only constant text is concatenated. The caller limits the
 * range of IDs that is read.
 */
export function requestConditions(query: RequestQuery): Conditions {
  const parts: Part[] = []
  const equal = (sql: string, value: string | number | undefined): void => {
    if (value !== undefined) parts.push([sql, value])
  }
  equal('project = ?', query.project)
  if (query.connection !== undefined) parts.push(amongPart('connection', query.connection))
  if (query.client !== undefined) parts.push(amongPart('client', query.client))
  equal('cause = ?', query.cause)
  equal('permission = ?', query.permission)
  equal('code = ?', query.code)
  equal('duration_ms > ?', query.slower_than_ms)
  equal('method = ?', query.method)
  equal('token_hash = ?', query.hash)
  equal('request_id = ?', query.request_id)
  equal('time >= ?', query.since_ms)
  equal('time < ?', query.until_ms)
  if (query.owner_actions === 'only') parts.push([`transport = 'control'`])
  if (query.owner_actions === 'without') parts.push([`transport <> 'control'`])
  for (const field of CONTAINS_FIELDS) {
    const text = query.contains?.[field]
    if (text !== undefined) parts.push(containsPart(field === 'token' ? ['token', 'parent'] : [field], text))
  }
  if (query.text !== undefined && query.text !== '') parts.push(containsPart(SEARCHED, query.text))
  if (query.status !== undefined) {
    const { from, to, zero } = statusRange(query.status)
    parts.push([`(status BETWEEN ? AND ?${zero ? ' OR status = 0' : ''})`, from, to])
  }
  if (query.token !== undefined) {
    // A session's requests belong to its parent token too.
    const [own, ...names] = amongPart('token', query.token)
    const [ofParent] = amongPart('parent', query.token)
    parts.push([`(${own} OR ${ofParent})`, ...names, ...names])
  }
  return {
    where: parts.map(([sql]) => `AND ${sql}`).join(' '),
    values: parts.flatMap(([, ...values]) => values),
  }
}

function amongPart(column: string, values: string | readonly string[]): Part {
  const all = typeof values === 'string' ? [values] : values
  return [`${column} IN (${all.map(() => '?').join(', ')})`, ...all]
}

function containsPart(columns: readonly string[], text: string): Part {
  const pattern = `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`
  const conditions = columns.map((column) => String.raw`${column} LIKE ? ESCAPE '\'`)
  return [`(${conditions.join(' OR ')})`, ...columns.map(() => pattern)]
}

/** Returns the status codes that a filter value covers. `zero` includes rows that a crash interrupted. */
export function statusRange(word: string): { from: number; to: number; zero: boolean } {
  if (word === 'ok') return { from: 100, to: 399, zero: false }
  if (word === 'failed') return { from: 400, to: 999, zero: true }
  // 499 means that the client disconnected, which isn't a denial.
  if (word === 'denied') return { from: 400, to: 498, zero: false }
  if (word === 'error') return { from: 499, to: 999, zero: true }
  const hundreds = /^([1-9])xx$/i.exec(word)
  if (hundreds !== null) return { from: Number(hundreds[1]) * 100, to: Number(hundreds[1]) * 100 + 99, zero: false }
  if (/^\d{1,3}$/.test(word)) return { from: Number(word), to: Number(word), zero: false }
  throw invalidRequest(
    'Invalid status. Use a status code such as 404, a class such as 4xx, "ok", "failed", "denied" or "error".',
    'status',
  )
}
