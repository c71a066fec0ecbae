import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import type { HttpAuth } from '../../contract/upstreams/http-connection.ts'
import { createSecretScrubber, type SecretScrubber } from '../egress/secret-scrubber.ts'

/** What is added to one request, and what is masked in its response. */
export interface Credentials {
  /** Header that carries the secret, lower case; null if none does. */
  header: [name: string, value: string] | null
  /** Query parameter that carries it. */
  query: [name: string, value: string] | null
  scrubber: SecretScrubber | null
}

export const NO_CREDENTIALS: Credentials = { header: null, query: null, scrubber: null }

/** Returns the header that carries a connection's secret, lower case; null if it goes elsewhere. */
export function secretHeader(auth: HttpAuth): string | null {
  if (auth.type === 'header') return auth.name.toLowerCase()
  return auth.type === 'none' || auth.type === 'query' ? null : 'authorization'
}

/** `secret` is the stored secret; for oauth it is the access token, and `more` contains the client secret that was exchanged for it. */
export function createCredentials(auth: HttpAuth, secret: string, more: readonly string[] = []): Credentials {
  const value = secret.trim()
  if (value === '') throw unusable('is empty')
  switch (auth.type) {
    case 'none':
      return NO_CREDENTIALS
    case 'bearer':
    case 'oauth':
      return {
        header: ['authorization', `Bearer ${headerSafe(value)}`],
        query: null,
        scrubber: createSecretScrubber([value, ...more]),
      }
    case 'header': {
      const sent = auth.prefix === undefined ? value : `${auth.prefix} ${value}`
      return {
        header: [auth.name.toLowerCase(), headerSafe(sent)],
        query: null,
        scrubber: createSecretScrubber([value]),
      }
    }
    case 'query':
      return { header: null, query: [auth.name, value], scrubber: createSecretScrubber([value]) }
    case 'basic': {
      const pair = auth.username === undefined ? value : `${auth.username}:${value}`
      const colon = pair.indexOf(':')
      if (colon === -1) throw unusable('must be user:password, or set the username separately')
      const encoded = Buffer.from(pair).toString('base64')
      return {
        header: ['authorization', `Basic ${encoded}`],
        query: null,
        scrubber: createSecretScrubber([encoded, pair, pair.slice(colon + 1)]),
      }
    }
  }
}

/** Only printable ASCII is read the same way by every server. */
function headerSafe(value: string): string {
  if (!/^[\x20-\x7e]+$/.test(value)) throw unusable("contains characters that aren't allowed in a header")
  return value
}

function unusable(what: string): HallpassError {
  return new HallpassError('SECRET_UNAVAILABLE', `The connection's secret ${what}. Replace it.`, { field: 'secret' })
}

const METHOD_OVERRIDES = new Set([
  '_method',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  '$httpmethod',
  'http_method_override',
])

/**
 * Returns the caller's query with the connection's own parameter, which replaces parameters of the same name. Throws
 * INVALID_REQUEST for a parameter that would make a server run another method than the one that was allowed.
 */
export function withQuery(search: string, query: [name: string, value: string] | null): string {
  if (search === '' && query === null) return ''
  const stored = search
    .split('&')
    .filter((part) => part !== '' && !part.split(';').some((piece) => checkedName(piece) === query?.[0]))
  if (query !== null) stored.push(`${encodeURIComponent(query[0])}=${encodeURIComponent(query[1])}`)
  return stored.join('&')
}

function checkedName(piece: string): string {
  const name = decoded(piece.split('=', 1)[0] ?? '')
  if (METHOD_OVERRIDES.has(name.toLowerCase()))
    throw invalidRequest(
      `Query parameter "${name}" overrides the HTTP method, which isn't allowed. Use that method directly.`,
    )
  return name
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch (thrown) {
    if (thrown instanceof URIError) throw invalidRequest('The query contains invalid percent-encoding.')
    throw thrown
  }
}
