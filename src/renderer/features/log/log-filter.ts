import { t } from '../../../contract/text/translate.ts'
import { CONTAINS_FIELDS } from '../../../contract/owner-api/contains-fields.ts'
import type { RequestFilter } from '../../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../../contract/records.ts'

export const FILTER_PARTS = [
  'token',
  'connection',
  'client',
  'method',
  'permission',
  'status',
  'code',
  'cause',
  'slower',
  'actions',
  'text',
  'time',
  'since',
  'until',
] as const
export type FilterPart = (typeof FILTER_PARTS)[number]
/**
 * The log's filter as in the page's URL. A value that starts with `~` means that the field contains the text, otherwise
 * that it is the text.
 */
export type LogFilter = { [Part in FilterPart]?: string | undefined } & {
  /** Columns that a saved view shows, with commas. They narrow nothing. */
  columns?: string | undefined
}

const CONTAINS = '~'

/** Times that can be chosen. `today` starts at the viewer's midnight. */
export const TIMES = [
  { value: '15m', label: t`Last 15 minutes`, phrase: t`in the last 15 minutes` },
  { value: '1h', label: t`Last hour`, phrase: t`in the last hour` },
  { value: '24h', label: t`Last 24 hours`, phrase: t`in the last 24 hours` },
  { value: 'today', label: t`Today`, phrase: t`today` },
  { value: '7d', label: t`Last 7 days`, phrase: t`in the last 7 days` },
] as const

/** Values that the status filter suggests. Any exact status works too. */
export const STATUS_LABELS = ['ok', 'failed', '2xx', '4xx', '5xx', '401', '403', '429', '502'] as const

/** Returns the value of a filter that matches a part of the text. */
export function containing(text: string): string {
  return `${CONTAINS}${text}`
}

export function canContain(part: FilterPart): part is (typeof CONTAINS_FIELDS)[number] {
  return CONTAINS_FIELDS.some((field) => field === part)
}

/** Returns the text of a filter value, and whether it is only a part of the field's text. */
export function readValue(part: FilterPart, value: string): { text: string; contains: boolean } {
  const contains = canContain(part) && value.startsWith(CONTAINS)
  return { text: contains ? value.slice(CONTAINS.length) : value, contains }
}

/** Returns the filter with one part changed. An empty value removes the part. A time replaces the dates, and a start the time. */
export function withPart(filter: LogFilter, part: FilterPart, value: string): LogFilter {
  const others: LogFilter = { ...filter }
  delete others[part]
  const text = value.trim()
  if (text === '' || text === CONTAINS) return others
  const { since: _since, until, time: _time, ...rest } = others
  if (part === 'time') return { ...rest, time: text }
  if (part === 'since') return { ...rest, ...(until === undefined ? {} : { until }), since: text }
  return { ...others, [part]: text }
}

export function isNarrowed(filter: LogFilter): boolean {
  return FILTER_PARTS.some((part) => (filter[part] ?? '') !== '')
}

const PLAIN = ['token', 'connection', 'client', 'method', 'permission', 'code', 'cause', 'text'] as const

/** Returns the filter for the engine, without empty parts. `midnight` is the start of the viewer's day. */
export function requestFilterOf(filter: LogFilter, project: string | undefined, midnight: number): RequestFilter {
  const request: RequestFilter = project === undefined ? {} : { project }
  const contains: RequestFilter['contains'] = {}
  for (const part of PLAIN) {
    const { text, contains: inside } = readValue(part, filter[part]?.trim() ?? '')
    if (text === '') continue
    if (inside && canContain(part)) contains[part] = text
    else request[part] = text
  }
  if (Object.keys(contains).length > 0) request.contains = contains
  const status = filter.status?.trim().toLowerCase() ?? ''
  if (status !== '') request.status = status
  const slower = Number(filter.slower ?? '')
  if (slower > 0) request.slower_than_ms = slower
  if (filter.actions === 'without' || filter.actions === 'only') request.owner_actions = filter.actions
  if (filter.time === 'today') request.since = new Date(midnight).toISOString()
  else if (TIMES.some(({ value }) => value === filter.time)) request.since = String(filter.time)
  if (isInstant(filter.since)) request.since = filter.since
  if (isInstant(filter.until)) request.until = filter.until
  return request
}

function isInstant(value: string | undefined): value is string {
  return value !== undefined && !Number.isNaN(Date.parse(value))
}

/**
 * Returns the filter for all rows that a token caused. For a session token, that is its parent and all session tokens
 * of it.
 */
export function sameToken(row: RequestRecord): LogFilter | null {
  const token = row.parent ?? row.token
  return token === null ? null : { token }
}

/** Returns the filter for rows of the same cause, or with the same method, connection and outcome. */
export function likeThis(row: RequestRecord): LogFilter {
  if (row.cause !== null) return { cause: row.cause }
  return {
    method: row.method,
    ...(row.connection === null ? {} : { connection: row.connection }),
    ...(row.status === null || row.status === 0 ? {} : { status: row.status < 400 ? 'ok' : String(row.status) }),
  }
}

/** Whether the caller, or the parent of a session token, has a page. The owner's session tokens have none. */
export function hasTokenPage({ token_kind: kind, token, parent }: RequestRecord): boolean {
  return token !== null && !(kind === 'session' && (parent === null || parent === 'owner'))
}
