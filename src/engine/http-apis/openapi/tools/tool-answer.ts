import { valueOf } from '../../../egress/header-filters.ts'
import type { ResponseSink } from '../../../egress/response-relay.ts'
import type { JsonObject } from '../../../text/json.ts'
import { isTextType } from '../request/media-types.ts'

/**
 * Maximum size of a body that becomes a tool result, in bytes. Longer ones are a job for a script with a session token.
 */
const MAX_BYTES = 1024 * 1024

/** Headers that a model or script acts on. */
const SHOWN_HEADERS = ['etag', 'link', 'location', 'retry-after'] as const
const KEPT_HEADERS =
  /^(?:etag|link|location|content-location|last-modified|retry-after|content-range|x-ratelimit-.*|x-upstream-ratelimit.*|x-rate-limit-.*)$/

/** Collects a response up to the limit. */
interface AnswerCollector {
  sink: ResponseSink
  /**
   * Returns an MCP tool result: text, an image or audio, other bytes as a resource, and an error for status 400 and
   * above. Relevant status and headers follow as text and are in `_meta` for programs.
   */
  result(name: string): JsonObject & { content: unknown[] }
}

/** Calls `onFull` once the limit is reached, so that the rest needn't be read. */
export function createAnswerCollector(onFull: () => void): AnswerCollector {
  let status = 0
  let headers: string[] = []
  let size = 0
  let isCut = false
  const parts: Buffer[] = []
  return {
    sink: {
      head(code, given) {
        status = code
        headers = given
      },
      data(piece) {
        if (isCut) return true
        parts.push(piece)
        size += piece.length
        if (size > MAX_BYTES) {
          isCut = true
          onFull()
        }
        return true
      },
      end: () => undefined,
    },
    result(name) {
      const body = Buffer.concat(parts).subarray(0, MAX_BYTES)
      const contentType = valueOf(headers, 'content-type') ?? ''
      const content = contentOf(name, contentType, body, isCut)
      const notes = [
        noteOf(status, headers, body.length === 0),
        ...(isCut ? [cutNote(content !== null, valueOf(headers, 'content-length'))] : []),
      ].filter((note) => note !== null)
      return {
        content: [...(content === null ? [] : [content]), ...notes.map((text) => ({ type: 'text', text }))],
        ...(status >= 400 ? { isError: true } : {}),
        _meta: { 'hallpass/response': { status, headers: keptHeaders(headers) } },
      }
    },
  }
}

function cutNote(isShown: boolean, length: string | null): string {
  const size = length === null ? `longer than ${MAX_BYTES / 1024} KiB` : `${length} bytes long`
  const what = isShown
    ? `The response is ${size}. Only its first ${MAX_BYTES / 1024} KiB are shown.`
    : `The response is ${size}, too large for a tool result, and was not passed on.`
  return `${what} Ask for less, or let a script read it: request_session_token and get_proxy_documentation describe how.`
}

/** Returns null for a plain 200 with a body, because a model doesn't need that status. */
function noteOf(status: number, headers: readonly string[], isEmpty: boolean): string | null {
  const shown = SHOWN_HEADERS.flatMap((name) => {
    const value = valueOf(headers, name)
    return value === null ? [] : [headerNote(name, value)]
  })
  if (status === 200 && !isEmpty && shown.length === 0) return null
  return [`HTTP status ${status}.`, ...shown].join(' ')
}

function headerNote(name: (typeof SHOWN_HEADERS)[number], value: string): string {
  switch (name) {
    case 'location':
      return `Location: ${value} (redirects aren't followed).`
    case 'retry-after':
      return `Try again in ${value}${/^\d+$/.test(value) ? ' s' : ''}.`
    case 'etag':
      return `ETag: ${value}.`
    case 'link':
      return `Link: ${value}.`
  }
}

function keptHeaders(headers: readonly string[]): Record<string, string> {
  const shown: Record<string, string> = {}
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    if (KEPT_HEADERS.test(name)) shown[name] = headers[i + 1] ?? ''
  }
  return shown
}

/** Returns null if there is nothing to show: an empty body, or a file that arrived incompletely. */
function contentOf(name: string, contentType: string, body: Buffer, isCut: boolean): JsonObject | null {
  if (body.length === 0) return null
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
  // A body without a type is text if it is valid UTF-8. Decoding other bytes would destroy them.
  const text = type === '' || isTextType(type) ? decodedText(body, charsetOf(contentType, body), type === '') : null
  if (text !== null) return { type: 'text', text }
  if (isCut) return null
  if (/^image\/(?:png|jpeg|gif|webp)$/.test(type))
    return { type: 'image', data: body.toString('base64'), mimeType: type }
  if (type.startsWith('audio/')) return { type: 'audio', data: body.toString('base64'), mimeType: type }
  return {
    type: 'resource',
    resource: {
      uri: `hallpass://answer/${name}`,
      mimeType: type === '' ? 'application/octet-stream' : type,
      blob: body.toString('base64'),
    },
  }
}

/** Returns the charset of the header, a byte order mark or an XML declaration, otherwise UTF-8. */
function charsetOf(contentType: string, body: Buffer): string {
  const declared = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]
  if (declared !== undefined) return declared
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le'
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be'
  return /^\s*<\?xml[^>]{0,80}encoding=["']([A-Za-z0-9._-]+)["']/.exec(body.toString('latin1', 0, 200))?.[1] ?? 'utf-8'
}

/** Drops an incomplete character at the end. With `isGuess`, returns null if the bytes aren't text. */
function decodedText(body: Buffer, charset: string, isGuess: boolean): string | null {
  try {
    return decoderOf(charset, isGuess).decode(body, { stream: true })
  } catch (thrown) {
    if (thrown instanceof TypeError) return null
    throw thrown
  }
}

function decoderOf(charset: string, fatal: boolean) {
  try {
    return new TextDecoder(charset, { fatal })
  } catch (thrown) {
    // Most servers that declare an unknown charset send UTF-8.
    if (thrown instanceof RangeError) return new TextDecoder('utf-8', { fatal })
    throw thrown
  }
}
