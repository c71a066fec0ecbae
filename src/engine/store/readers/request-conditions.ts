import { HallpassError } from '../../../contract/errors.ts'
import type { RequestFilter } from '../../../contract/owner-api/requests-api.ts'

interface Conditions {
  where: string
  values: (string | number)[]
}

/** Columns that the text search looks into. */
const SEARCHED = ['request_id', 'project', 'token', 'parent', 'client', 'method', 'connection', 'resource', 'code']

/** A filter as SQL. Values are always bound; only fixed text is put together. `since` is read by the log, as `since_ms`. */
export function requestConditions(filter: RequestFilter & { since_ms?: number }): Conditions {
  const parts: string[] = []
  const values: (string | number)[] = []
  const add = (part: string, ...bound: (string | number)[]): void => {
    parts.push(part)
    values.push(...bound)
  }

  if (filter.project !== undefined) add('project = ?', filter.project)
  // A session's requests belong to its parent token too.
  if (filter.token !== undefined) add('(token = ? OR parent = ?)', filter.token, filter.token)
  if (filter.connection !== undefined) add('connection = ?', filter.connection)
  if (filter.method !== undefined) add('method = ?', filter.method)
  if (filter.before_id !== undefined) add('id < ?', filter.before_id)
  if (filter.since_ms !== undefined) add('time >= ?', filter.since_ms)
  if (filter.status !== undefined) {
    const { from, to, zero } = statusRange(filter.status)
    add(zero ? '(status BETWEEN ? AND ? OR status = 0)' : 'status BETWEEN ? AND ?', from, to)
  }
  if (filter.text !== undefined && filter.text !== '') {
    const pattern = `%${filter.text.replace(/[\\%_]/g, String.raw`\$&`)}%`
    add(
      `(${SEARCHED.map((column) => String.raw`${column} LIKE ? ESCAPE '\'`).join(' OR ')})`,
      ...SEARCHED.map(() => pattern),
    )
  }
  return { where: parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`, values }
}

/** Status codes that a filter word covers. `zero`: rows that a crash cut off count as well. */
export function statusRange(word: string): { from: number; to: number; zero: boolean } {
  if (word === 'ok') return { from: 100, to: 399, zero: false }
  if (word === 'failed') return { from: 400, to: 999, zero: true }
  const hundreds = /^([1-9])xx$/i.exec(word)
  if (hundreds !== null) return { from: Number(hundreds[1]) * 100, to: Number(hundreds[1]) * 100 + 99, zero: false }
  if (/^\d{1,3}$/.test(word)) return { from: Number(word), to: Number(word), zero: false }
  throw new HallpassError(
    'INVALID_REQUEST',
    'status must be an exact status such as 404, a class such as 4xx, "ok" or "failed".',
  )
}
