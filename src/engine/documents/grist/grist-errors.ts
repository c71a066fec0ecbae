import { HallpassError, type ErrorOptions } from '../../../contract/errors.ts'
import { oneLine } from '../../text/visible-text.ts'

/** What a request was about, for its error message. */
export interface Place {
  table?: string
  column?: string
}

/** A response other than 200, or one that isn't Grist's. `message` is Grist's own message, without the key. */
export interface ErrorResponse {
  ok: false
  status: number
  message: string
  error: HallpassError
}

const MAX_WORDS = 600

/** Returns Grist's message from an error body, or null if the body isn't Grist's. */
export function messageOf(text: string): string | null {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof body !== 'object' || body === null || !('error' in body) || typeof body.error !== 'string') return null
  const details = 'details' in body && typeof body.details === 'object' && body.details !== null ? body.details : {}
  const more = 'userError' in details && typeof details.userError === 'string' ? `: ${details.userError}` : ''
  const memos =
    'memos' in details && Array.isArray(details.memos)
      ? details.memos.filter((memo) => typeof memo === 'string' && memo !== '')
      : []
  return oneLine([body.error + more, ...memos].join('; '), MAX_WORDS)
}

/** Returns the error for a status other than 200. `message` is null if the body wasn't Grist's. */
export function errorResponse(
  status: number,
  message: string | null,
  target: { server: string; doc: string },
  place: Place,
): ErrorResponse {
  return {
    ok: false,
    status,
    message: message ?? '',
    error: new HallpassError('GRIST_ERROR', sentence(status, message, target, place), {
      upstreamBlameless: isCallersMistake(status, message),
      ...fieldAtFault(status, message, place),
    }),
  }
}

/** Returns whether only this request is at fault (table, column, permission, size), not the key, the document or the server. */
function isCallersMistake(status: number, message: string | null): boolean {
  if (message === null) return status === 413 || status === 414 || status === 431
  if (status === 403) return !message.startsWith('No view access')
  if (status === 404) return !message.startsWith('document not found') && !message.startsWith('not found:')
  return status === 400 || status === 409 || status === 413 || status === 422
}

/** Returns the field to correct, for forms and scripts. */
function fieldAtFault(
  status: number,
  message: string | null,
  { table, column }: Place,
): Pick<ErrorOptions, 'field' | 'reason'> {
  if (status === 401 || (status === 403 && message?.startsWith('No view access') === true)) return { field: 'secret' }
  if (status === 404 && message?.startsWith('not found:') === true)
    return { field: 'config.url', reason: 'unknown_path' }
  if (message === null || status >= 500 || /^(?:document )?not found/i.test(message)) return { field: 'config.url' }
  if (column !== undefined && message.includes(column)) return { field: 'column_id' }
  return table !== undefined && message.startsWith('Table not found') ? { field: 'table' } : {}
}

function sentence(
  status: number,
  message: string | null,
  { server, doc }: { server: string; doc: string },
  place: Place,
): string {
  if (status >= 300 && status < 400)
    return `${server} redirects to another URL. Hallpass doesn't follow redirects, so enter the final URL.`
  if (message === null) {
    if (status === 413) return `The request is too large for ${server}${at(place)}.`
    if (status === 431 || status === 414) return `The filter is too long for ${server}${at(place)}. Use fewer values.`
    if (status >= 500)
      return `${server} returned status ${status}, but not from Grist. A gateway in front of it may be failing.`
    return `${server} doesn't seem to be a Grist server (status ${status}). Check the URL.`
  }
  if (status === 401) return `Grist rejected the API key: ${message}. Replace the key.`
  if (status === 403 && message.startsWith('No view access'))
    return `The API key works, but its user has no access to document ${doc} (Grist: "${message}").`
  if (status === 403)
    return `The API key's user isn't allowed to do this${at(place)} in document ${doc} (Grist: "${message}").`
  if (status === 404 && message.startsWith('document not found'))
    return `Document ${doc} not found on ${server} (Grist: "${message}").`
  if (status === 404 && message.startsWith('not found:'))
    return `The Grist server doesn't know this request (Grist: "${message}"). It may be too old, or the URL may be wrong.`
  return `Grist: ${message}${at(place, message)}${hint(message)}.`
}

/** Names table and column, if Grist's own message doesn't. */
function at({ table, column }: Place, message = ''): string {
  const parts: string[] = []
  if (column !== undefined && !message.includes(`"${column}"`)) parts.push(`column "${column}"`)
  if (table !== undefined && !message.includes(`"${table}"`)) parts.push(`table "${table}"`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function hint(message: string): string {
  const type = /module 'grist' has no attribute '([^']*)'/.exec(message)
  if (type !== null) return `. Unknown column type "${type[1]}"`
  if (message.includes('resulted in a database interrupt')) return '. Queries can run for 1 s at most'
  if (message.includes('SQLITE_RANGE')) return '. There are more params than placeholders'
  if (message.startsWith('Exceeded daily limit')) return ". The plan's daily limit has been reached"
  return ''
}

const TLS_CODE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/

/** Returns the error for a request without a response. `mayBeDone` means that a write may have succeeded. */
export function connectionFailure(thrown: unknown, server: string, mayBeDone: boolean): HallpassError {
  const code = codeOf(thrown)
  // Keeps only the code, because the rest of such an error (headers, sockets) could contain the key.
  const cause = new Error(`${code}`)
  const after = mayBeDone ? ' The write may have succeeded. Check before you retry.' : ''
  const failed = (text: string, details = {}): HallpassError =>
    new HallpassError('GRIST_ERROR', text, { cause, field: 'config.url', reason: 'unreachable', ...details })
  const unsure = mayBeDone ? { details: { sent: 'unknown' } } : {}
  if (code.endsWith('_TIMEOUT') || code === 'ETIMEDOUT')
    return new HallpassError(
      'UPSTREAM_TIMEOUT',
      `${server} didn't respond in time.${code === 'UND_ERR_CONNECT_TIMEOUT' ? '' : after}`,
      { cause },
    )
  if (code === 'ECONNREFUSED')
    return failed(`Couldn't connect to ${server} (connection refused). Check the URL and that Grist is running.`)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return failed(`Host not found: ${server} (${code}). Check the URL.`)
  if (TLS_CODE.test(code))
    return failed(
      `TLS connection to ${server} failed (${code}). Check the certificate, and whether the URL should start with https:// or http://.`,
    )
  if (code.startsWith('HPE_'))
    return failed(`${server} sent an invalid HTTP response (${code}). Check the URL.${after}`, unsure)
  return failed(`Lost the connection to ${server} (${code}).${after}`, unsure)
}

export function codeOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string')
    return thrown.code
  return thrown instanceof Error ? thrown.name : 'unknown'
}
