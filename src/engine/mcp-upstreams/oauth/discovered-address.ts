import { isIP } from 'node:net'
import { classOf } from '../../egress/base-address.ts'

/**
 * Why an address that a server named (its authorization server, an endpoint of it) is not asked, or null. What the owner typed may be
 * anywhere; what a stranger names may not lead into this machine or network, unless the owner typed one of that same kind.
 */
export function discoveredRefusal(address: string, ownersUrl: string): string | null {
  const url = URL.parse(address)
  const owners = new URL(ownersUrl)
  if (
    url === null ||
    (url.protocol !== 'https:' && url.protocol !== 'http:') ||
    url.username !== '' ||
    url.password !== ''
  )
    return 'names an address for signing in that is no web address'
  const [kind, ownersKind] = [kindOf(url.hostname), kindOf(owners.hostname)]
  if (url.protocol === 'http:' && !(kind === 'loopback' && ownersKind === 'loopback'))
    return `wants to sign in at ${url.origin}, which is not encrypted`
  if (kind === 'name' || kind === 'public' || url.hostname === owners.hostname) return null
  return kind === ownersKind && kind !== 'never'
    ? null
    : `wants to sign in at ${url.origin}, an address of this machine or a private network`
}

function kindOf(hostname: string): string {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (bare === 'localhost' || bare.endsWith('.localhost')) return 'loopback'
  return isIP(bare) === 0 ? 'name' : classOf(bare)
}
