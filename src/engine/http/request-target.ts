import { maskTokens } from '../text/token-format.ts'

/** A request target that was found well-formed. `path` is as sent: it holds no escapes that could change its shape. */
export interface RequestTarget {
  path: string
  search: string
}

/** What follows belongs to an HTTP API. Some have IDs with slashes in them, so the connection decides about encoded ones. */
const FORWARDED = /^\/api\/v1\/http\/[a-z0-9-]+\//

/**
 * Returns null for every target that two parsers could read differently: absolute form, empty or dot segments, encoded slashes, dots,
 * backslashes and control characters, fragments, and characters that aren't allowed in a URI.
 */
export function readTarget(url: string | undefined): RequestTarget | null {
  if (url === undefined) return null
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const search = mark < 0 ? '' : url.slice(mark + 1)
  if (!/^\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/.test(path)) return null
  if (path.includes('//') || /\/\.{1,2}(?:\/|$)/.test(path)) return null
  const judged = FORWARDED.test(path) ? path.replaceAll(/%2f/gi, '') : path
  if (/%(?:2[efEF5]|5[cC]|[01][0-9A-Fa-f]|7[fF])/.test(judged)) return null
  if (search.includes('#')) return null
  return { path, search }
}

/**
 * The path as it may be shown and logged: cut, printable, and without what looks like a token, since a token put into
 * an address by mistake would otherwise stay in the log.
 */
export function shownPath(url: string | undefined): string {
  const path = (url ?? '').split('?', 1)[0] ?? ''
  return maskTokens(path.slice(0, 256).replace(/[^\x21-\x7e]/g, '?'))
}
