import type { RequestFilter } from '../../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../../contract/records.ts'

export const FILTER_PARTS = ['token', 'connection', 'method', 'status', 'text'] as const
export type FilterPart = (typeof FILTER_PARTS)[number]
/** The log's filter as in the page's URL. */
export type LogFilter = { [Part in FilterPart]?: string | undefined }

/** Values that the status filter suggests. Any exact status works too. */
export const STATUS_LABELS = ['ok', 'failed', '2xx', '4xx', '5xx', '401', '403', '429', '502'] as const

/** Returns the filter with one part changed. An empty value removes the part. */
export function withPart(filter: LogFilter, part: FilterPart, value: string): LogFilter {
  const { [part]: _before, ...rest } = filter
  const text = value.trim()
  return text === '' ? rest : { ...rest, [part]: text }
}

export function isNarrowed(filter: LogFilter): boolean {
  return FILTER_PARTS.some((part) => (filter[part] ?? '') !== '')
}

/** Returns the filter for the engine, without empty parts. */
export function requestFilterOf(filter: LogFilter, project: string | undefined): RequestFilter {
  const request: RequestFilter = project === undefined ? {} : { project }
  for (const part of FILTER_PARTS) {
    const value = filter[part]?.trim() ?? ''
    if (value !== '') request[part] = part === 'status' ? value.toLowerCase() : value
  }
  return request
}

/**
 * Returns the filter for all rows that a token caused. For a session token, that is its parent and all session tokens
 * of it.
 */
export function sameToken(row: RequestRecord): LogFilter | null {
  const token = row.parent ?? row.token
  return token === null ? null : { token }
}

/** Returns the filter for rows with the same method, resource and outcome. */
export function likeThis(row: RequestRecord): LogFilter {
  return {
    method: row.method,
    ...(row.connection === null ? {} : { connection: row.connection }),
    ...(row.status === null || row.status === 0 ? {} : { status: row.status < 400 ? 'ok' : String(row.status) }),
  }
}
