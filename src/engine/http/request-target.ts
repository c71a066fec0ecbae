import { maskTokens } from '../text/token-format.ts'

/** A valid request target. `path` is as sent, without escapes that could change its structure. */
interface RequestTarget {
  path: string
  search: string
}

/**
 * The rest of the path belongs to an HTTP API. Some have IDs with slashes, so the connection decides whether encoded
 * ones are allowed.
 */
const FORWARDED = /^\/api\/v1\/http\/[a-z0-9-]+\//

/**
 * Returns null for every target that two parsers could read differently: absolute form, empty or dot segments, encoded
 * slashes, dots, backslashes and control characters, fragments, and characters that aren't allowed in a URI.
 */
export function readTarget(url: string | undefined): RequestTarget | null {
  if (url === undefined) return null
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const search = mark < 0 ? '' : url.slice(mark + 1)
  if (!/^\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/.test(path)) return null
  if (path.includes('//') || /\/\.{1,2}(?:\/|$)/.test(path)) return null
  const parsed = FORWARDED.test(path) ? path.replaceAll(/%2f/gi, '') : path
  if (/%(?:2[efEF5]|5[cC]|[01][0-9A-Fa-f]|7[fF])/.test(parsed)) return null
  if (search.includes('#')) return null
  return { path, search }
}

/**
 * Returns the path for display and logs: truncated, printable and with tokens masked, because a token put into a URL by
 * mistake would otherwise be logged.
 */
export function shownPath(url: string | undefined): string {
  const path = (url ?? '').split('?', 1)[0] ?? ''
  return maskTokens(path.slice(0, 256).replace(/[^\x21-\x7e]/g, '?'))
}
