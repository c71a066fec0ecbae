import type { BaseAddress } from '../egress/base-address.ts'
import type { ResponseSink } from '../egress/response-relay.ts'

/** Headers that hold a URL, or several in angle brackets. */
const LINKS: ReadonlySet<string> = new Set(['location', 'content-location', 'link'])

/**
 * Rewrites links below the base URL to lead through Hallpass, so that a script can follow them with its session token.
 * Other links don't change, because the token must not be sent there. `path` is the request's path below the origin, to
 * resolve relative links.
 */
export function withPublicLinks(sink: ResponseSink, base: BaseAddress, path: string, publicUrl: string): ResponseSink {
  const publicLink = (link: string): string => {
    // Links such as ?page=2 and items/5 are relative to the requested URL, so they are already correct.
    if (!/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(link)) return link
    const url = URL.parse(link, base.origin + path)
    if (url === null || url.origin !== base.origin || url.username !== '') return link
    const isBelow = url.pathname === base.path || url.pathname.startsWith(`${base.path}/`)
    return isBelow ? publicUrl + url.pathname.slice(base.path.length) + url.search + url.hash : link
  }
  return {
    ...sink,
    head(status, headers, resume) {
      for (let i = 0; i + 1 < headers.length; i += 2) {
        const name = headers[i] ?? ''
        const value = headers[i + 1] ?? ''
        if (!LINKS.has(name)) continue
        headers[i + 1] =
          name === 'link'
            ? value.replaceAll(/<([^<>]*)>/g, (_, link: string) => `<${publicLink(link)}>`)
            : publicLink(value)
      }
      sink.head(status, headers, resume)
    },
  }
}
