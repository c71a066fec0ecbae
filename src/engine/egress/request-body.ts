import { invalidRequest } from '../../contract/errors.ts'
import { createMaskingStream, type Span } from './masking-stream.ts'

/** Uses lookahead to find overlapping tokens. */
const OWN_TOKENS = [/(?=(hp_pat_[0-9A-Za-z]{49}))/g, /(?=(sess_[0-9A-Za-z_-]{43}))/g]
const PREFIXES = ['hp_pat_', 'sess_']
const MAX_TOKEN = 56
/** Form fields that common frameworks use to override the method. */
const METHOD_FIELDS: ReadonlySet<string> = new Set(['_method', '_http_method', 'x-http-method-override'])
const MULTIPART_FIELD = /name\*?\s*=\s*(?:"|utf-8'[a-z-]*'|)(?:_method|_http_method)(?=["\s;\r\n]|$)/i

/**
 * Forwards a caller's body with Hallpass's own tokens masked at the same length. Throws INVALID_REQUEST if a form
 * overrides the HTTP method, because the token may not have permission for that one.
 */
export async function* guardedBody(
  body: AsyncIterable<Uint8Array>,
  contentType: string | undefined,
): AsyncGenerator<Uint8Array> {
  const overrides = overrideScanner(contentType)
  const tokens = createMaskingStream(tokensIn, startOfToken)
  for await (const piece of body) {
    overrides?.(piece)
    const clean = tokens.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length))
    if (clean.length > 0) yield clean
  }
  const last = tokens.end()
  if (last.length > 0) yield last
}

/** Returns where an unfinished token may begin, or the length if there is none. */
function startOfToken(bytes: Buffer): number {
  const from = Math.max(0, bytes.length - MAX_TOKEN + 1)
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte !== 0x68 && byte !== 0x73) continue
    const text = bytes.toString('latin1', at)
    if (PREFIXES.some((prefix) => (text.length < prefix.length ? prefix.startsWith(text) : text.startsWith(prefix))))
      return at
  }
  return bytes.length
}

/** A token can begin inside another one, because a session token can contain the prefix of an access token. */
function tokensIn(bytes: Buffer): Span[] {
  if (PREFIXES.every((prefix) => bytes.indexOf(prefix) === -1)) return []
  return OWN_TOKENS.flatMap((pattern) =>
    [...bytes.toString('latin1').matchAll(pattern)].map((found): Span => {
      const [, token = ''] = found
      return [found.index, found.index + token.length]
    }),
  )
}

function overrideScanner(contentType = ''): ((piece: Uint8Array) => void) | null {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/x-www-form-urlencoded') return formScanner()
  return type === 'multipart/form-data' ? multipartScanner() : null
}

const MAX_KEY = 128

/** Scans the keys of a form while streaming. Keys longer than the ones searched for are skipped. */
function formScanner(): (piece: Uint8Array) => void {
  let key = ''
  let inKey = true
  return (piece) => {
    for (const byte of piece) {
      if (byte === 0x26) {
        if (inKey) rejectOverride(key)
        key = ''
        inKey = true
      } else if (inKey && byte === 0x3d) {
        rejectOverride(key)
        inKey = false
      } else if (inKey && key.length < MAX_KEY) key += String.fromCharCode(byte)
    }
  }
}

function rejectOverride(key: string): void {
  const [name] = new URLSearchParams(`${key}=`).keys()
  if (name !== undefined && METHOD_FIELDS.has(name.trim().toLowerCase())) throw methodOverride()
}

const OVERLAP = 128

function multipartScanner(): (piece: Uint8Array) => void {
  let tail = ''
  return (piece) => {
    const text = tail + Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1')
    if (MULTIPART_FIELD.test(text)) throw methodOverride()
    tail = text.slice(-OVERLAP)
  }
}

function methodOverride() {
  return invalidRequest("A form field overrides the HTTP method, which isn't allowed. Use that method directly.")
}
