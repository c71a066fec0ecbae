import { invalidRequest } from '../../../contract/errors.ts'
import type { RequestQuery } from './request-store.ts'

interface Conditions {
  where: string
  values: (string | number)[]
}

/** Columns that the text search covers. */
const SEARCHED = ['request_id', 'project', 'token', 'parent', 'client', 'method', 'connection', 'resource', 'code']

/**
 * Indexed columns, most selective first. The first one in a filter is used. `+` keeps SQLite from using another index,
 * because without statistics it may prefer a project with millions of rows to a token with ten.
 */
const LEADING = ['request_id', 'token_hash', 'cause', 'token', 'status', 'connection', 'method', 'project'] as const

/** Returns the distinct status codes from `from` to `to` in the log. */
export type StatusesIn = (from: number, to: number) => number[]

type Part = [sql: string, ...values: (string | number)[]]

/**
 * Returns a filter as SQL conditions, one per alternative. Together they match each row exactly once. Values are always
 * bound, and only constant text is concatenated.
 */
export function requestConditions(query: RequestQuery, statusesIn: StatusesIn): Conditions[] {
  const leading = LEADING.find(
    (column) =>
      (column === 'token_hash' ? query.hash : query[column]) !== undefined && !Array.isArray(query[column as 'token']),
  )
  const plus = (column: (typeof LEADING)[number]): string => (column === leading ? column : `+${column}`)
  const common: Part[] = []
  const equal = (sql: string, value: string | number | undefined): void => {
    if (value !== undefined) common.push([sql, value])
  }
  equal(`${plus('project')} = ?`, query.project)
  const anyOf = (column: string, values: string | string[] | undefined): void => {
    if (values !== undefined) common.push(amongPart(column, [values].flat()))
  }
  anyOf(plus('connection'), query.connection)
  anyOf('+client', query.client)
  equal(`${plus('cause')} = ?`, query.cause)
  equal('+permission = ?', query.permission)
  equal('+code = ?', query.code)
  equal('+duration_ms > ?', query.slower_than_ms)
  if (query.owner_actions === 'only') common.push([`transport = 'control'`])
  if (query.owner_actions === 'without') common.push([`transport <> 'control'`])
  const { token: inToken, connection: inConnection, client: inClient, method: inMethod } = query.contains ?? {}
  if (inToken !== undefined) common.push(containsPart(['token', 'parent'], inToken))
  if (inConnection !== undefined) common.push(containsPart(['connection'], inConnection))
  if (inClient !== undefined) common.push(containsPart(['client'], inClient))
  if (inMethod !== undefined) common.push(containsPart(['method'], inMethod))
  equal(`${plus('method')} = ?`, query.method)
  equal(`${plus('token_hash')} = ?`, query.hash)
  equal(`${plus('request_id')} = ?`, query.request_id)
  equal('id < ?', query.before_id)
  equal('id >= ?', query.from_id)
  // The index on time isn't used, because ordering by ID would sort everything it finds.
  equal('+time >= ?', query.since_ms)
  equal('+time < ?', query.until_ms)
  if (query.text !== undefined && query.text !== '') common.push(containsPart(SEARCHED, query.text))
  let alternatives: Part[][] = [common]
  if (query.status !== undefined) {
    const statuses = statusParts(query.status, plus('status'), statusesIn)
    alternatives = alternatives.flatMap((parts) => statuses.map((part) => [...parts, part]))
  }
  if (query.token !== undefined) {
    const tokens = [query.token].flat()
    // A session's requests belong to its parent token too.
    const own = amongPart(plus('token'), tokens)
    const [ofParent, ...parents] = amongPart(`${leading === 'token' ? '' : '+'}parent`, tokens)
    const [isToken, ...names] = amongPart('+token', tokens)
    const below: Part = [`${ofParent} AND (+token IS NULL OR NOT ${isToken})`, ...parents, ...names]
    alternatives = alternatives.flatMap((parts) => [
      [...parts, own],
      [...parts, below],
    ])
  }
  return alternatives.map((parts) => ({
    where: parts.length === 0 ? '' : `WHERE ${parts.map(([sql]) => sql).join(' AND ')}`,
    values: parts.flatMap(([, ...values]) => values),
  }))
}

function amongPart(column: string, values: readonly string[]): Part {
  const [only] = values
  if (values.length === 1 && only !== undefined) return [`${column} = ?`, only]
  return [`${column} IN (${values.map(() => '?').join(', ')})`, ...values]
}

function containsPart(columns: readonly string[], text: string): Part {
  const pattern = `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`
  const conditions = columns.map((column) => String.raw`${column} LIKE ? ESCAPE '\'`)
  return [`(${conditions.join(' OR ')})`, ...columns.map(() => pattern)]
}

/** Handles each status of a class separately, because a range isn't ordered by ID and would have to be sorted. */
function statusParts(word: string, column: string, statusesIn: StatusesIn): Part[] {
  const { from, to, zero } = statusRange(word)
  const statuses = from === to ? [from] : [...(zero ? [0] : []), ...statusesIn(from, to)]
  return statuses.map((status) => [`${column} = ?`, status])
}

/** Returns the status codes that a filter value covers. `zero` includes rows that a crash interrupted. */
export function statusRange(word: string): { from: number; to: number; zero: boolean } {
  if (word === 'ok') return { from: 100, to: 399, zero: false }
  if (word === 'failed') return { from: 400, to: 999, zero: true }
  const hundreds = /^([1-9])xx$/i.exec(word)
  if (hundreds !== null) return { from: Number(hundreds[1]) * 100, to: Number(hundreds[1]) * 100 + 99, zero: false }
  if (/^\d{1,3}$/.test(word)) return { from: Number(word), to: Number(word), zero: false }
  throw invalidRequest(
    'Invalid status. Use a status code such as 404, a class such as 4xx, "ok" or "failed".',
    'status',
  )
}
