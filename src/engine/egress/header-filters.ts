import { maskTokens } from '../text/token-format.ts'
import type { SecretScrubber } from './secret-scrubber.ts'

const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]

/** Request headers that callers can't set: credentials, message framing, and overrides of method, path or sender. */
const NOT_SENT: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'authorization',
  'cookie',
  'cookie2',
  'host',
  'expect',
  'content-length',
  'x-request-id',
  'max-forwards',
  'method-override',
  'http-method-override',
  'x-override-method',
  'x-http-verb',
  'x-verb-override',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-method',
  'x-original-method',
  'x-rewrite-method',
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-original-url',
  'x-rewrite-url',
  'x-original-uri',
  'x-original-host',
  'x-host',
  'x-proxyuser-ip',
  'x-url-scheme',
  'front-end-https',
  'origin',
  'referer',
  'access-control-request-method',
  'access-control-request-headers',
  'access-control-request-private-network',
])
const NOT_SENT_PREFIXES = ['x-forwarded-', 'sec-', 'proxy-']

/** Returns true for a header of the connection or message framing, which can't contain a secret. */
export function isHopOrFraming(name: string): boolean {
  const lower = name.toLowerCase()
  return (
    HOP_BY_HOP.includes(lower) ||
    lower === 'host' ||
    lower === 'content-length' ||
    lower === 'expect' ||
    lower.includes('_')
  )
}

/**
 * Returns true for a header (in lower case) that is never forwarded. Servers that turn headers into variables treat
 * X_Forwarded_For like X-Forwarded-For.
 */
export function isNeverSent(name: string): boolean {
  return NOT_SENT.has(name) || NOT_SENT_PREFIXES.some((prefix) => name.startsWith(prefix)) || name.includes('_')
}

/**
 * Not sent if the response may contain the secret: a range could split it and compression could hide it from the
 * scrubber.
 */
const NOT_SENT_WITH_SECRET: ReadonlySet<string> = new Set(['range', 'if-range', 'accept-encoding'])
const RANGE_HEADERS: ReadonlySet<string> = new Set(['range', 'if-range'])

/**
 * Returns the caller's headers for the upstream as a flat list with lower-case names. `rawHeaders` is Node's list of
 * names and values. `ownHeader` holds the secret, so the caller's value is dropped.
 */
export function requestHeaders(
  rawHeaders: readonly string[],
  options: { ownHeader: string | null; hasSecret: boolean; allowRange?: boolean },
): string[] {
  const named = namedByConnection(rawHeaders)
  const forwarded: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase()
    if (isNeverSent(name) || name === options.ownHeader || named?.has(name) === true) continue
    if (
      options.hasSecret &&
      NOT_SENT_WITH_SECRET.has(name) &&
      !(options.allowRange === true && RANGE_HEADERS.has(name))
    )
      continue
    forwarded.push(name, maskTokens(rawHeaders[i + 1] ?? ''))
  }
  return forwarded
}

/** Response headers that aren't passed on: framing, cookies, and those that Hallpass sets itself. */
const NOT_PASSED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'set-cookie',
  'set-cookie2',
  'x-request-id',
  'cache-control',
  'pragma',
  'x-content-type-options',
  'cross-origin-resource-policy',
  'vary',
  'alt-svc',
  'strict-transport-security',
  'clear-site-data',
  'nel',
  'report-to',
  'reporting-endpoints',
  'service-worker-allowed',
  'sourcemap',
  'x-sourcemap',
  'refresh',
])
/** Hallpass sends these headers for its own limits, so the upstream's are renamed. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['x-ratelimit-limit', 'x-upstream-ratelimit-limit'],
  ['x-ratelimit-remaining', 'x-upstream-ratelimit-remaining'],
  ['x-ratelimit-reset', 'x-upstream-ratelimit-reset'],
  ['ratelimit', 'x-upstream-ratelimit'],
  ['ratelimit-policy', 'x-upstream-ratelimit-policy'],
])
const NOT_PASSED_PREFIXES = ['access-control-', 'proxy-']

/**
 * Returns the upstream's response headers for the caller, scrubbed, as a flat list. `raw` is undici's list of names and
 * values. Drops names or values that Node would reject.
 */
export function responseHeaders(raw: readonly (Buffer | string)[], scrubber: SecretScrubber | null): string[] {
  const texts = raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')))
  const named = namedByConnection(texts)
  const pairs: string[] = []
  for (let i = 0; i + 1 < texts.length; i += 2) {
    const name = (texts[i] ?? '').toLowerCase()
    if (
      NOT_PASSED.has(name) ||
      named?.has(name) === true ||
      NOT_PASSED_PREFIXES.some((prefix) => name.startsWith(prefix))
    )
      continue
    const value = texts[i + 1] ?? ''
    // oxlint-disable-next-line no-control-regex -- this searches for control characters
    if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(value)) continue
    pairs.push(RENAMED.get(name) ?? name, value)
  }
  if (scrubber === null) return pairs
  // One search for all headers, because they rarely contain a secret. No form contains a line break.
  const all = pairs.join('\n')
  return scrubber.text(all) === all ? pairs : pairs.map((part) => scrubber.text(part))
}

/**
 * Returns the encodings of a response's body in the order in which they were applied. Reads every Content-Encoding header, even one
 * that the Connection header lists, because programs differ in which one they follow.
 */
export function contentEncodings(raw: readonly (Buffer | string)[]): string[] {
  const found: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2)
    if (String(raw[i]).toLowerCase() === 'content-encoding')
      found.push(
        ...String(raw[i + 1])
          .toLowerCase()
          .split(','),
      )
  return found.map((one) => one.trim()).filter((one) => one !== '' && one !== 'identity')
}

export function valueOf(headers: readonly string[], name: string): string | null {
  for (let i = 0; i + 1 < headers.length; i += 2) if (headers[i] === name) return headers[i + 1] ?? null
  return null
}

/** Returns the headers that the Connection header declares as hop-by-hop. */
function namedByConnection(raw: readonly string[]): Set<string> | null {
  let named: Set<string> | null = null
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    if (name.length !== 'connection'.length || name.toLowerCase() !== 'connection') continue
    named ??= new Set()
    for (const token of (raw[i + 1] ?? '').split(',')) named.add(token.trim().toLowerCase())
  }
  return named
}
