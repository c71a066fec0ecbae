import type { MethodFields } from '../../../../contract/methods/document-methods.ts'
import { invalidRequest } from '../../../../contract/errors.ts'
import type { GristRequest } from '../grist-client.ts'
import { tablePath } from '../grist-names.ts'

/** About 6 KB of query fit in a URL. A longer filter is sent as a body, which Grist accepts since 1.7.14. */
const MAX_PATH_CHARACTERS = 6_000

export function recordsRequest({ table, filter, sort, ...page }: MethodFields<'get_records'>): GristRequest {
  const path = `${tablePath(table)}/records`
  const lists = filter === undefined ? null : normalFilter(filter)
  const keys = sort === undefined ? null : sortKeys(sort)
  // Grist has no offset: the records before it are read and dropped.
  const limit = page.limit === undefined ? undefined : page.limit + (page.offset ?? 0)
  // Grist reads 0 as "all" and -1 as "all but the last".
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    throw invalidRequest('The limit must be a whole number of at least 1.', 'limit')
  const query = new URLSearchParams()
  if (lists !== null) query.set('filter', JSON.stringify(lists))
  if (keys !== null) query.set('sort', keys.join(','))
  if (limit !== undefined) query.set('limit', String(limit))
  const text = query.toString()
  const common = { isRead: true, place: { table } }
  if (text.length <= MAX_PATH_CHARACTERS)
    return { ...common, method: 'GET', path: text === '' ? path : `${path}?${text}` }
  const body = JSON.stringify({
    ...(lists === null ? {} : { filter: lists }),
    ...(keys === null ? {} : { sort: keys }),
    ...(limit === undefined ? {} : { limit }),
  })
  return { ...common, method: 'POST', path: `${path}/list`, body }
}

export function sqlRequest({ query, params }: MethodFields<'sql_query'>): GristRequest {
  // Grist puts the statement in parentheses, and a comment at its end would hide the closing one.
  const statement = query.trim().replace(/;$/, '')
  const sql = /--[^\n]*$/.test(statement) ? `${statement}\n` : statement
  const args = params?.map((value, index) => {
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw invalidRequest('Send a whole number beyond 2^53 as a string.', `params[${index}]`)
    return typeof value === 'boolean' ? Number(value) : value
  })
  return {
    method: 'POST',
    path: '/sql',
    body: JSON.stringify({ sql, ...(args === undefined ? {} : { args }) }),
    isRead: true,
    sql: true,
  }
}

function normalFilter(filter: Record<string, unknown>): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(filter).map(([column, values]) => [column, Array.isArray(values) ? values : [values]]),
  )
}

export function sortKeys(sort: string): string[] {
  const keys = sort.split(',').map((key) => key.trim())
  if (keys.some((key) => columnOfKey(key) === ''))
    throw invalidRequest('The sort order contains an empty column name. Format: "Name,-Date"', 'sort')
  return keys
}

export function columnOfKey(key: string): string {
  return key.replace(/^-/, '').replace(/:.*$/, '').trim()
}
