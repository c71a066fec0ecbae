import { HallpassError } from '../../contract/errors.ts'
import type { HttpAuth } from '../../contract/http-connection.ts'
import { createSecretScrubber, type SecretScrubber } from '../egress/secret-scrubber.ts'

/** What goes into one request, and what is cut out of its answer. */
export interface Credentials {
  /** Header that carries the secret, lower case; null when none does. */
  header: [name: string, value: string] | null
  /** Query parameter that carries it. */
  query: [name: string, value: string] | null
  scrubber: SecretScrubber | null
}

export const NO_CREDENTIALS: Credentials = { header: null, query: null, scrubber: null }

/** The header that a connection's secret goes into, lower case; null when it goes elsewhere. */
export function secretHeader(auth: HttpAuth): string | null {
  if (auth.type === 'header') return auth.name.toLowerCase()
  return auth.type === 'none' || auth.type === 'query' ? null : 'authorization'
}

/** `secret` as it is kept; for oauth the access token, with `more` holding the client secret that it was got for. */
export function createCredentials(auth: HttpAuth, secret: string, more: readonly string[] = []): Credentials {
  const value = secret.trim()
  if (value === '') throw unfit('is empty')
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
      if (colon === -1) throw unfit('has no colon: give it as user:password, or name the user with --username')
      const encoded = Buffer.from(pair).toString('base64')
      return {
        header: ['authorization', `Basic ${encoded}`],
        query: null,
        scrubber: createSecretScrubber([encoded, pair, pair.slice(colon + 1)]),
      }
    }
  }
}

/** Printable ASCII is all that every server reads the same way. */
function headerSafe(value: string): string {
  if (!/^[\x20-\x7e]+$/.test(value)) throw unfit('holds characters that no header can carry')
  return value
}

function unfit(what: string): HallpassError {
  return new HallpassError('SECRET_UNAVAILABLE', `The secret of this connection ${what}. Replace it.`)
}

const OVERRIDES = new Set([
  '_method',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  '$httpmethod',
  'http_method_override',
])

/**
 * The caller's query with ours in it: its own parameters of that name are dropped. INVALID_REQUEST for one that would make a server
 * take the request for another method than was allowed.
 */
export function withQuery(search: string, query: [name: string, value: string] | null): string {
  if (search === '' && query === null) return ''
  const kept = search
    .split('&')
    .filter((part) => part !== '' && !part.split(';').some((piece) => judged(piece) === query?.[0]))
  if (query !== null) kept.push(`${encodeURIComponent(query[0])}=${encodeURIComponent(query[1])}`)
  return kept.join('&')
}

function judged(piece: string): string {
  const name = decoded(piece.split('=', 1)[0] ?? '')
  if (OVERRIDES.has(name.toLowerCase())) {
    throw new HallpassError(
      'INVALID_REQUEST',
      `Query parameter "${name}" asks for another method than the request's own, and is not sent on. Send the request with that method.`,
    )
  }
  return name
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch (thrown) {
    if (thrown instanceof URIError)
      throw new HallpassError('INVALID_REQUEST', 'The query holds a broken percent-encoding.')
    throw thrown
  }
}
