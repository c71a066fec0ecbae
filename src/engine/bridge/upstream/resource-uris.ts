const MARK = 'hallpass+'

/**
 * The URI (or URI template) of an upstream's resource as clients see it: `hallpass+{connection}+{uri}`. The connection becomes
 * part of the scheme and the rest stays as it is, so that it is a URI wherever the upstream's is, templates still expand, and
 * the way back needs no table. A connection's name has no "+", so no two connections share one.
 */
export function clientUri(connection: string, uri: string): string {
  return `${MARK}${connection}+${uri}`
}

/** The way back; null for a URI that is not of this form. */
export function parseClientUri(uri: string): { connection: string; uri: string } | null {
  if (!uri.startsWith(MARK)) return null
  const cut = uri.indexOf('+', MARK.length)
  if (cut < 0 || cut === uri.length - 1) return null
  return { connection: uri.slice(MARK.length, cut), uri: uri.slice(cut + 1) }
}
