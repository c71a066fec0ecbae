import { HallpassError } from '../../../contract/errors.ts'
import { oneLine } from '../../text/visible-text.ts'

/** What a request was about, for the sentence that tells of its failure. */
export interface Place {
  table?: string
  column?: string
}

/** An answer of Grist other than 200, or one that is not Grist's. `words` are its own, with the key cut out. */
export interface Refusal {
  ok: false
  status: number
  words: string
  error: HallpassError
}

const LONGEST_WORDS = 600

/** Takes Grist's words out of an error body; null when the body is not one of Grist's. */
export function wordsOf(text: string): string | null {
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
  return oneLine([body.error + more, ...memos].join('; '), LONGEST_WORDS)
}

/** The sentence for a status other than 200. `words` is null when the body was not Grist's. */
export function refusal(
  status: number,
  words: string | null,
  target: { server: string; doc: string },
  place: Place,
): Refusal {
  return {
    ok: false,
    status,
    words: words ?? '',
    error: new HallpassError('GRIST_ERROR', sentence(status, words, target, place), {
      upstreamBlameless: isCallersMistake(status, words),
    }),
  }
}

/** A table, column, right or size that this one request got wrong, as against a key, document or server that serves nobody. */
function isCallersMistake(status: number, words: string | null): boolean {
  if (words === null) return status === 413 || status === 414 || status === 431
  if (status === 403) return !words.startsWith('No view access')
  if (status === 404) return !words.startsWith('document not found') && !words.startsWith('not found:')
  return status === 400 || status === 409 || status === 413 || status === 422
}

function sentence(
  status: number,
  words: string | null,
  { server, doc }: { server: string; doc: string },
  place: Place,
): string {
  if (status >= 300 && status < 400)
    return `${server} answers with a redirect, and redirects are not followed: give the address that it leads to as the connection's URL.`
  if (words === null) {
    if (status === 413) return `The request is too large for ${server}${at(place)}.`
    if (status === 431 || status === 414) return `The filter is too long for ${server}${at(place)}: give fewer values.`
    if (status >= 500)
      return `${server} answers ${status}, and not in Grist's way: a gateway before it may be in trouble.`
    return `${server} does not answer like a Grist server (status ${status}): check the connection's URL.`
  }
  if (status === 401) return `Grist refuses the key of this connection: ${words}. Replace the key.`
  if (status === 403 && words.startsWith('No view access'))
    return `Grist says “${words}”: the key is good, but its user may not see document ${doc}.`
  if (status === 403) return `Grist says “${words}”${at(place)}: the key's user lacks that right in document ${doc}.`
  if (status === 404 && words.startsWith('document not found'))
    return `Grist says “${words}”: there is no document ${doc} on ${server}.`
  if (status === 404 && words.startsWith('not found:'))
    return `Grist says “${words}”: this server is too old for the request, or the URL is not where it lives.`
  return `Grist says “${words}”${at(place, words)}${hint(words)}.`
}

/** Names table and column, where Grist's own words do not. */
function at({ table, column }: Place, words = ''): string {
  const parts: string[] = []
  if (column !== undefined && !words.includes(`"${column}"`)) parts.push(`column “${column}”`)
  if (table !== undefined && !words.includes(`"${table}"`)) parts.push(`table “${table}”`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function hint(words: string): string {
  const type = /module 'grist' has no attribute '([^']*)'/.exec(words)
  if (type !== null) return `: there is no column type “${type[1]}”`
  if (words.includes('resulted in a database interrupt')) return ': a query may run for one second'
  if (words.includes('SQLITE_RANGE')) return ': there are more params than placeholders'
  if (words.startsWith('Exceeded daily limit')) return ': the quota of the plan is used up'
  return ''
}

const TLS_CODE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/

/** The sentence for a request that got no answer. `maybeDone` says that a write may have been carried out. */
export function connectionFailure(thrown: unknown, server: string, maybeDone: boolean): HallpassError {
  const code = codeOf(thrown)
  // Only the code is kept: what else such an error holds (headers, sockets) could hold the key.
  const cause = new Error(`${code}`)
  const after = maybeDone ? ' The write may or may not have been carried out.' : ''
  const failed = (text: string): HallpassError => new HallpassError('GRIST_ERROR', text, { cause })
  if (code.endsWith('_TIMEOUT') || code === 'ETIMEDOUT')
    return new HallpassError(
      'UPSTREAM_TIMEOUT',
      `Grist at ${server} took too long.${code === 'UND_ERR_CONNECT_TIMEOUT' ? '' : after}`,
      { cause },
    )
  if (code === 'ECONNREFUSED')
    return failed(`Nothing answers at ${server} (connection refused): is Grist running, and is the URL right?`)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return failed(`The host of ${server} is not known (${code}): check the connection's URL.`)
  if (TLS_CODE.test(code))
    return failed(
      `No safe connection to ${server}: TLS failed (${code}). Check the certificate, and whether the URL needs https:// or http://.`,
    )
  if (code.startsWith('HPE_'))
    return failed(`${server} does not speak HTTP as expected (${code}): check the connection's URL.${after}`)
  return failed(`The connection to ${server} broke off (${code}).${after}`)
}

export function codeOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string')
    return thrown.code
  return thrown instanceof Error ? thrown.name : 'unknown'
}
