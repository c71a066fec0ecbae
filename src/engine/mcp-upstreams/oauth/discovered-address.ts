import { isIP } from 'node:net'
import { classOf } from '../../egress/address-class.ts'

/**
 * Returns why a URL that a server named for signing in isn't used, or null. Only the owner's URL can lead anywhere. A
 * server's URL must not lead into this computer or network, unless the owner's URL has the same kind of address.
 */
export function discoveredProblem(address: string, ownersUrl: string): string | null {
  const url = URL.parse(address)
  const owners = new URL(ownersUrl)
  if (
    url === null ||
    (url.protocol !== 'https:' && url.protocol !== 'http:') ||
    url.username !== '' ||
    url.password !== ''
  )
    return 'has an invalid sign-in URL'
  const [kind, ownersKind] = [kindOf(url.hostname), kindOf(owners.hostname)]
  if (url.protocol === 'http:' && !(kind === 'loopback' && ownersKind === 'loopback'))
    return `uses an unencrypted sign-in page at ${url.origin}`
  if (kind === 'name' || kind === 'public' || (url.hostname === owners.hostname && kind !== 'metadata')) return null
  return kind === ownersKind && kind !== 'never' && kind !== 'metadata'
    ? null
    : `uses a sign-in page on this computer or in a private network (${url.origin})`
}

function kindOf(hostname: string): string {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (bare === 'localhost' || bare.endsWith('.localhost')) return 'loopback'
  return isIP(bare) === 0 ? 'name' : classOf(bare)
}
