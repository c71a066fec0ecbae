const MARK = 'hallpass+'

/**
 * Returns the URI (or template) of an upstream's resource as clients see it: `hallpass+{connection}+{uri}`. Only the
 * scheme changes, so it is a valid URI if the upstream's is, templates still expand, and no table is needed to parse
 * it. Connection names can't contain "+", so the result is unambiguous.
 */
export function clientUri(connection: string, uri: string): string {
  return `${MARK}${connection}+${uri}`
}

/** Reverses `clientUri`. Returns null for any other URI. */
export function parseClientUri(uri: string): { connection: string; uri: string } | null {
  if (!uri.startsWith(MARK)) return null
  const cut = uri.indexOf('+', MARK.length)
  if (cut < 0 || cut === uri.length - 1) return null
  return { connection: uri.slice(MARK.length, cut), uri: uri.slice(cut + 1) }
}
