import { parseUrl } from '../../contract/upstreams/parse-url.ts'

const THIS_MACHINE = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * Returns whether the URL can be opened. An upstream chose it, so only web pages are allowed, and only over a
 * connection that others can't read or change.
 */
export function isSignInPage(address: string): boolean {
  const url = parseUrl(address)
  if (url === null || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && THIS_MACHINE.has(url.hostname))
}
