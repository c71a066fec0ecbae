import type { RequestFilter } from '../../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../../contract/records.ts'

export const FILTER_PARTS = ['token', 'connection', 'method', 'status', 'text'] as const
export type FilterPart = (typeof FILTER_PARTS)[number]
/** What the log is narrowed to, as it stands in the address. */
export type LogFilter = { [Part in FilterPart]?: string | undefined }

/** The words that the status filter offers; any exact status works as well. */
export const STATUS_LABELS = ['ok', 'failed', '2xx', '4xx', '5xx', '401', '403', '429', '502'] as const

/** One part changed; an empty text takes it away. */
export function withPart(filter: LogFilter, part: FilterPart, value: string): LogFilter {
  const { [part]: _before, ...rest } = filter
  const text = value.trim()
  return text === '' ? rest : { ...rest, [part]: text }
}

export function isNarrowed(filter: LogFilter): boolean {
  return FILTER_PARTS.some((part) => (filter[part] ?? '') !== '')
}

/** What the engine is asked for: parts that say nothing are left out. */
export function requestFilterOf(filter: LogFilter, project: string | undefined): RequestFilter {
  const asked: RequestFilter = project === undefined ? {} : { project }
  for (const part of FILTER_PARTS) {
    const value = filter[part]?.trim() ?? ''
    if (value !== '') asked[part] = part === 'status' ? value.toLowerCase() : value
  }
  return asked
}

/** All rows that one token caused: for a session token those of its parent, session tokens included. */
export function sameToken(row: RequestRecord): LogFilter | null {
  const token = row.parent ?? row.token
  return token === null ? null : { token }
}

/** Rows that asked for the same thing and ended the same way. */
export function likeThis(row: RequestRecord): LogFilter {
  return {
    method: row.method,
    ...(row.connection === null ? {} : { connection: row.connection }),
    ...(row.status === null || row.status === 0 ? {} : { status: row.status < 400 ? 'ok' : String(row.status) }),
  }
}
