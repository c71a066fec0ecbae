import { exactJson, parseExactJson } from '../../engine/text/exact-json.ts'
import { objectOf, type JsonObject } from '../../engine/text/json.ts'

/** One line of MCP over stdio, with what the relay needs to know about it. */
export interface Message {
  /** The line as received, including its line break. */
  line: Buffer
  body: JsonObject | null
  kind: 'request' | 'answer' | 'notification' | 'other'
  method: string
  /** Distinguishes `1` from `"1"`, and is exact for whole numbers of any size. Empty if the message has no ID. */
  key: string
}

/** Parses a line. The kind of a batch, or of text that isn't JSON, is `other`. */
export function readMessage(line: Buffer): Message {
  const body = bodyOf(line)
  const id = body?.['id']
  const method = body?.['method']
  const hasId = id !== undefined && id !== null
  return {
    line,
    body,
    kind:
      typeof method === 'string' ? (hasId ? 'request' : 'notification') : body !== null && hasId ? 'answer' : 'other',
    method: typeof method === 'string' ? method : '',
    key: hasId ? keyOf(id) : '',
  }
}

export function keyOf(id: unknown): string {
  return `${typeof id}:${String(id)}`
}

export function isPing({ kind, method }: Message): boolean {
  return kind === 'request' && method === 'ping'
}

/** Returns a message as a line. */
export function messageLine(body: object): Buffer {
  return Buffer.from(`${exactJson({ jsonrpc: '2.0', ...body })}\n`)
}

/** Returns the `params` of a message. */
export function paramsOf(message: Message): JsonObject {
  return objectOf(message.body?.['params']) ?? {}
}

function bodyOf(line: Buffer): JsonObject | null {
  try {
    return objectOf(parseExactJson(line.toString('utf8')))
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}

export const NOT_RUNNING = "The Hallpass engine isn't running."
export const LOST = 'Lost the connection to the Hallpass engine. Try again.'
export const REPLACED = 'The Hallpass engine was replaced by another version. Restart the client.'

/** Returns the sentence for a request that was running when the engine went away. */
export function lostSentence({ method }: Message): string {
  return method === 'tools/call'
    ? 'Lost the connection to the Hallpass engine during the call. The call may have been carried out: check before you repeat it.'
    : LOST
}
