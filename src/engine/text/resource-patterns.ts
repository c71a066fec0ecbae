/** A path decoded once must not contain anything that a second decoding would turn into a separator or dot segment. */
const TWICE_ENCODED = /%(?:2e|2f|5c|25)/i
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSAFE = /[/\\?#\u0000-\u001f\u007f]/
/** Servers that remove path parameters read `..;x` as a dot segment, and those that trim names read `.. ` as one. */
const DOT_SEGMENT = /^ *\.[. ]*(?:;|$)/

/**
 * Returns the decoded segments of an absolute path. Returns null for a path that two parsers could read differently
 * (dot segments, empty segments except the last, encoded separators, backslashes, control characters), because it can't
 * be compared safely. With `allowEncodedSlash`, segments can contain encoded slashes.
 */
export function pathSegments(path: string, options: { allowEncodedSlash?: boolean } = {}): string[] | null {
  if (!path.startsWith('/')) return null
  const segments: string[] = []
  const raw = path.slice(1).split('/')
  for (const [index, part] of raw.entries()) {
    const segment = decodeSegment(part)
    if (segment === null || TWICE_ENCODED.test(segment)) return null
    const pieces = options.allowEncodedSlash === true ? segment.split('/') : [segment]
    if (pieces.some((piece) => UNSAFE.test(piece) || DOT_SEGMENT.test(piece))) return null
    if (pieces.length > 1 ? pieces.includes('') : segment === '' && index < raw.length - 1) return null
    segments.push(segment)
  }
  return segments
}

/**
 * Returns every way a server may read a path: unchanged, and with encoded slashes as separators. A caller needs access
 * to all of them. Null if the path can't be compared.
 */
export function pathReadings(path: string): string[][] | null {
  const segments = pathSegments(path, { allowEncodedSlash: true })
  if (segments === null) return null
  return path.includes('%') && segments.some((one) => one.includes('/'))
    ? [segments, segments.flatMap((one) => one.split('/'))]
    : [segments]
}

function decodeSegment(part: string): string | null {
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part)
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
}

/**
 * Returns whether this is a valid path of a grant: absolute, compared segment by segment, with `*` only as the whole
 * last segment.
 */
export function isPathPattern(pattern: string): boolean {
  const segments = pathSegments(pattern)
  if (segments === null) return false
  const fixed = segments.at(-1) === '*' ? segments.slice(0, -1) : segments
  return fixed.every((segment) => !segment.includes('*'))
}

/**
 * Returns whether a grant's path covers a requested path or another grant's path. `/v1/*` covers what is below `/v1`,
 * not `/v1`.
 */
export function pathCovers(pattern: string, path: string): boolean {
  if (differs(pattern, path)) return false
  const held = pathSegments(pattern)
  const readings = pathReadings(path)
  return held !== null && readings !== null && readings.every((wanted) => segmentsCover(held, wanted))
}

/**
 * Returns true if it is plain without decoding that the pattern doesn't cover the path. A token can have a thousand patterns,
 * and each request is compared with them.
 */
function differs(pattern: string, path: string): boolean {
  if (pattern.includes('%') || path.includes('%')) return false
  return pattern.endsWith('/*') ? !path.startsWith(pattern.slice(0, -1)) : path !== pattern
}

function segmentsCover(held: readonly string[], wanted: readonly string[]): boolean {
  const below = held.at(-1) === '*'
  const fixed = below ? held.slice(0, -1) : held
  if (!fixed.every((segment, index) => segment === wanted[index])) return false
  if (!below) return wanted.length === fixed.length
  return wanted.length > fixed.length && wanted[fixed.length] !== ''
}

/** Returns whether a tool pattern, in which `*` matches any characters, covers a name or a narrower pattern. */
export function toolCovers(pattern: string, name: string): boolean {
  const pieces = pattern.split('*')
  const [first = ''] = pieces
  if (pieces.length === 1) return pattern === name
  const last = pieces.at(-1) ?? ''
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false
  let from = first.length
  const end = name.length - last.length
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, from)
    if (found === -1 || found + piece.length > end) return false
    from = found + piece.length
  }
  return true
}
