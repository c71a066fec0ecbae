import type { IncomingMessage } from 'node:http'
import { bracketed, plainAddress } from '../egress/address-class.ts'
import { invalidRequest } from '../../contract/errors.ts'

/** The listen address, for recognizing valid Host headers. */
export interface OwnAddress {
  host: string
  port: number
  scheme?: Scheme
  /** Origin at which callers reach the server through a proxy or by the name in its certificate. */
  publicUrl?: string | null
}

export type Scheme = 'http' | 'https'

/** Returns true if the header occurs more than once. Node keeps the first one, other parsers may not. */
export function isDoubled(request: IncomingMessage, name: string): boolean {
  let seen = 0
  const raw = request.rawHeaders
  for (let i = 0; i < raw.length; i += 2) {
    const header = raw[i]
    if (header !== undefined && header.length === name.length && header.toLowerCase() === name) seen += 1
  }
  return seen > 1
}

/**
 * Returns true if there is exactly one Host header and it names this server. With DNS rebinding, a page reaches
 * 127.0.0.1 under its own name. If the server listens on every interface, the address that was dialed is valid too.
 */
export function isOwnHost(request: IncomingMessage, own: OwnAddress): boolean {
  const host = request.headers.host?.toLowerCase()
  if (host === undefined || isDoubled(request, 'host')) return false
  const names = ['127.0.0.1', 'localhost', '[::1]']
  if (!isWildcard(own.host)) names.push(bracketed(own.host.toLowerCase()))
  else if (request.socket.localAddress !== undefined) names.push(bracketed(plainAddress(request.socket.localAddress)))
  const isDefaultPort = own.port === (own.scheme === 'https' ? 443 : 80)
  return (
    isPublicHost(host, own) || names.some((name) => host === `${name}:${own.port}` || (isDefaultPort && host === name))
  )
}

export function ownUrl(own: OwnAddress): string {
  const { host, port, scheme = 'http', publicUrl = null } = own
  return publicUrl ?? `${scheme}://${isWildcard(host) ? '127.0.0.1' : bracketed(host)}:${port}`
}

/** Returns the origin of a public URL. Throws INVALID_REQUEST if it is anything more. */
export function originOf(text: string): string {
  const url = URL.parse(text)
  const isOrigin =
    url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.href === `${url.origin}/`
  if (isOrigin) return url.origin
  throw invalidRequest(
    'The public URL must be an address without a path, for example https://hallpass.example.com.',
    'public_url',
  )
}

/** Returns the base URL at which a caller that sent this valid Host header reached the server. */
export function urlOfHost(host: string | undefined, scheme: Scheme, own: OwnAddress): string {
  if (host === undefined || isPublicHost(host.toLowerCase(), own)) return ownUrl(own)
  return `${scheme}://${host}`
}

/** The default port can be written or left out. */
function isPublicHost(host: string, { publicUrl = null }: OwnAddress): boolean {
  if (publicUrl === null) return false
  const [scheme, own = ''] = publicUrl.split('://', 2)
  const isDefault = !/:\d+$/.test(own)
  return host === own || (isDefault && host === `${own}:${scheme === 'https' ? 443 : 80}`)
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
