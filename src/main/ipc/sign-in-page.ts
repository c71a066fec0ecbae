import { parseUrl } from '../../contract/parse-url.ts'

const THIS_MACHINE = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** An upstream chose this address: only a web page may come of it, and one that others on the way cannot read or change. */
export function isSignInPage(address: string): boolean {
  const url = parseUrl(address)
  if (url === null || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && THIS_MACHINE.has(url.hostname))
}
