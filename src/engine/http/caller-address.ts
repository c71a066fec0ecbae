import { BlockList, isIP } from 'node:net'
import type { IncomingMessage } from 'node:http'
import { invalidRequest } from '../../contract/errors.ts'
import { plainAddress } from '../egress/address-class.ts'

/** The reverse proxies whose X-Forwarded-For and X-Forwarded-Proto headers count. */
export interface TrustedProxies {
  readonly none: boolean
  includes(address: string): boolean
}

/** What is known about the caller of a request. */
export interface CallerOrigin {
  address: string
  /** Scheme of the URL that the caller used. */
  scheme: 'http' | 'https'
}

const MAX_HOPS = 32

/**
 * Accepts addresses and networks such as 10.0.0.0/8. Throws INVALID_REQUEST for anything else, and for wider networks, which would
 * trust everybody.
 */
export function readTrustedProxies(texts: readonly string[]): TrustedProxies {
  const list = new BlockList()
  for (const text of texts) {
    const [address = '', bits, ...more] = text.split('/')
    const family = isIP(address)
    const length = bits === undefined ? (family === 6 ? 128 : 32) : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN
    const [minLength, maxLength] = family === 6 ? [7, 128] : [8, 32]
    if (
      family === 0 ||
      more.length > 0 ||
      !(length >= minLength && length <= maxLength) ||
      holdsIPv4(address, family, length)
    )
      throw invalidRequest(
        `"${text.slice(0, 80)}" isn't an IP address or network, or the network is too large. Enter the proxy's address, for example 10.0.0.2 or 10.0.0.0/24.`,
        'trusted_proxies',
      )
    list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4')
  }
  return {
    none: texts.length === 0,
    includes(address) {
      const plain = plainAddress(address)
      return texts.length > 0 && isIP(plain) !== 0 && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
    },
  }
}

/** Returns whether an IPv6 network contains more IPv4 addresses than an IPv4 /8 does. They are in ::ffff:0:0/96. */
function holdsIPv4(address: string, family: number, length: number): boolean {
  if (family !== 6 || length >= 96 + 8) return false
  const one = new BlockList()
  one.addSubnet(address, Math.min(length, 96), 'ipv6')
  return one.check('192.0.2.1', 'ipv4')
}

/**
 * Returns where a request comes from. The headers of a proxy count only on connections from a trusted one, and only as far back
 * as trusted proxies passed them on: the caller can write anything in front of that.
 */
export function callerOrigin(request: IncomingMessage, proxies: TrustedProxies): CallerOrigin {
  const { socket, headers } = request
  const direct = socket.remoteAddress ?? ''
  const scheme = 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http'
  if (proxies.none || !proxies.includes(direct)) return { address: direct, scheme }
  const hops = String(headers['x-forwarded-for'] ?? '').split(',', MAX_HOPS + 1)
  let address = direct
  // The list of a proxy that doesn't limit it could have any length.
  if (hops.length <= MAX_HOPS)
    for (const hop of hops.toReversed()) {
      const next = bareAddress(hop.trim())
      if (isIP(next) === 0) break
      address = next
      if (!proxies.includes(next)) break
    }
  return { address, scheme: headers['x-forwarded-proto'] === 'https' ? 'https' : scheme }
}

/** Some proxies add the port, and brackets to an IPv6 address. */
function bareAddress(text: string): string {
  return /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
}
