import { BlockList, isIP } from 'node:net'
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
    throw invalid('Remove the user name and password from the URL. Enter them as the secret.')
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
  const url = URL.parse(base.origin + target)
  return url !== null && url.origin === base.origin && url.pathname === whole && url.username === '' ? target : null
}

/** Ranges that no host name may resolve to, even for private networks. They must be entered as an address. */
const NEVER_BY_NAME = new BlockList()
NEVER_BY_NAME.addSubnet('169.254.0.0', 16, 'ipv4')
NEVER_BY_NAME.addSubnet('0.0.0.0', 8, 'ipv4')
NEVER_BY_NAME.addSubnet('224.0.0.0', 3, 'ipv4')
NEVER_BY_NAME.addSubnet('fe80::', 10, 'ipv6')
NEVER_BY_NAME.addSubnet('ff00::', 8, 'ipv6')
NEVER_BY_NAME.addAddress('::', 'ipv6')
// Cloud metadata services that aren't link-local.
NEVER_BY_NAME.addAddress('fd00:ec2::254', 'ipv6')
NEVER_BY_NAME.addAddress('100.100.100.200', 'ipv4')
NEVER_BY_NAME.addAddress('168.63.129.16', 'ipv4')
NEVER_BY_NAME.addAddress('192.0.0.192', 'ipv4')

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

const PRIVATE = new BlockList()
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv4')
// Unique local, site local, discard, documentation, and IPv6 forms of IPv4 addresses.
for (const [net, bits] of [
  ['fc00::', 7],
  ['fec0::', 10],
  ['100::', 64],
  ['2001:db8::', 32],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['2001::', 32],
  ['::', 96],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv6')

export type AddressClass = 'public' | 'loopback' | 'private' | 'never'

/** Classifies an address. IPv4-mapped IPv6 addresses count as the IPv4 address. Invalid addresses are `never`. */
export function classOf(address: string): AddressClass {
  const family = isIP(address)
  if (family === 0) return 'never'
  const type = family === 4 ? 'ipv4' : 'ipv6'
  if (NEVER_BY_NAME.check(address, type)) return 'never'
  if (LOOPBACK.check(address, type)) return 'loopback'
  return PRIVATE.check(address, type) ? 'private' : 'public'
}
