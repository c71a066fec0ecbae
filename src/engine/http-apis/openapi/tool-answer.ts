import type { ResponseSink } from '../../egress/response-relay.ts'
import { valueOf } from '../../egress/header-filters.ts'
import type { JsonObject } from '../../text/json.ts'

/** Longest answer that becomes a tool's result, in bytes: what is longer belongs to a script with a session token. */
const LONGEST_ANSWER = 1024 * 1024

/** Collects an answer whole, up to its bound. */
export interface AnswerCollector {
  sink: ResponseSink
  /** An MCP tool result: text, image or sound as what they are, other bytes as a resource; a status of 400 and above as an error. */
  result(name: string): JsonObject & { content: unknown[] }
}

/** `full` is called when the bound is reached: no more need come. */
export function createAnswerCollector(full: () => void): AnswerCollector {
  let status = 0
  let headers: string[] = []
  let size = 0
  let cut = false
  const parts: Buffer[] = []
  return {
    sink: {
      head(code, given) {
        status = code
        headers = given
      },
      data(piece) {
        if (cut) return true
        parts.push(piece)
        size += piece.length
        if (size > LONGEST_ANSWER) {
          cut = true
          full()
        }
        return true
      },
      end: () => undefined,
    },
    result(name) {
      const body = Buffer.concat(parts).subarray(0, LONGEST_ANSWER)
      const type = (valueOf(headers, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
      const failed = status >= 400
      const said = [
        ...(status >= 300 || body.length === 0 ? [statusLine(status, headers)] : []),
        ...(cut
          ? [
              `The answer is longer than ${LONGEST_ANSWER / 1024} KiB and was cut off here. Ask for less, or let a script read it: request_session_token and get_proxy_documentation tell how.`,
            ]
          : []),
      ]
      const content = body.length === 0 ? [] : [contentOf(name, type, body)]
      return {
        content: [...content, ...said.map((text) => ({ type: 'text', text }))],
        ...(failed ? { isError: true } : {}),
      }
    },
  }
}

function statusLine(status: number, headers: readonly string[]): string {
  const location = valueOf(headers, 'location')
  const wait = valueOf(headers, 'retry-after')
  const more = [
    location === null ? '' : ` It leads to ${location}; redirects are not followed.`,
    wait === null ? '' : ` Try again in ${wait}${/^\d+$/.test(wait) ? ' s' : ''}.`,
  ]
  return `HTTP status ${status}.${more.join('')}`
}

function contentOf(name: string, type: string, body: Buffer): JsonObject {
  if (/^image\/(?:png|jpeg|gif|webp)$/.test(type))
    return { type: 'image', data: body.toString('base64'), mimeType: type }
  if (type.startsWith('audio/')) return { type: 'audio', data: body.toString('base64'), mimeType: type }
  const text = body.toString('utf8')
  // Bytes that are no text would be changed beyond repair.
  if (
    /^text\/|json|xml|yaml|javascript|csv|x-www-form-urlencoded/.test(type) ||
    (type === '' && Buffer.from(text).equals(body))
  )
    return { type: 'text', text }
  return {
    type: 'resource',
    resource: {
      uri: `hallpass://answer/${name}`,
      mimeType: type === '' ? 'application/octet-stream' : type,
      blob: body.toString('base64'),
    },
  }
}
