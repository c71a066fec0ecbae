import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import { pathSegments } from '../text/resource-patterns.ts'

/** The URL below which all requests of a connection go. */
export interface BaseAddress {
  /** `https://api.example.com:8443`, the only origin that gets the secret. */
  origin: string
  /** Path below the origin without a trailing slash: `/v2`, or empty. */
  path: string
  hostname: string
  port: number
  secure: boolean
}

/** Parses the URL that the owner entered. Throws INVALID_REQUEST with the field. */
export function parseBaseAddress(text: string, field = 'config.url'): BaseAddress {
  const invalid = (what: string): HallpassError => invalidRequest(what, field)
  const url = URL.parse(text.trim())
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw invalid('Enter an address starting with https://')
  if (url.username !== '' || url.password !== '')
    throw invalid('Remove the username and password from the URL. Enter them as the secret.')
  if (url.search !== '' || url.hash !== '')
    throw invalid('Remove the query and the fragment from the URL. A key can be sent as a query parameter instead.')
  const path = url.pathname.replace(/\/+$/, '')
  if (path !== '' && pathSegments(path) === null)
    throw invalid("The URL's path contains empty or dot segments, or encoded slashes.")
  const secure = url.protocol === 'https:'
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  return { origin: url.origin, path, hostname, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port), secure }
}

/**
 * Returns path and query for the wire. `path` is relative to the base. Returns null if two parsers could read it
 * differently or it would leave the base, because what is compared with grants must be exactly what is sent.
 */
export function joinTarget(
  base: BaseAddress,
  path: string,
  search: string,
  options: { allowEncodedSlash?: boolean } = {},
): string | null {
  const whole = path === '/' && base.path !== '' ? base.path : base.path + path
  if (pathSegments(whole, options) === null) return null
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007f-\uffff#]/.test(search)) return null
  const target = search === '' ? whole : `${whole}?${search}`
  // A URL parser leaves these characters alone, and dot segments were ruled out.
  if (/^[A-Za-z0-9\-._~/]+$/.test(whole)) return target
  const url = URL.parse(base.origin + target)
  return url !== null && url.origin === base.origin && url.pathname === whole && url.username === '' ? target : null
}
