import { RunningSet } from '../../running/running-set.ts'
import { exactJson } from '../../text/exact-json.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'
import { PROTOCOL_VERSION } from '../session/handshake.ts'
import type { SendOptions } from '../session/message-pipe.ts'
import { encodedValue } from '../session/param-headers.ts'
import { createCallReply, type CallReply, type CallReplyParts } from './call-reply.ts'
import type { UpstreamFetch } from './upstream-fetch.ts'

/** Sends `tools/call` requests straight to undici. */
interface DirectCalls {
  /** Sent with each call that doesn't have a version of its own. */
  protocolVersion: string | null
  /**
   * Returns false if the SDK's transport must handle the response: then sending the same message with it returns that
   * response instead of calling the tool again. Rejects if no response arrived.
   */
  send(message: JsonObject, options: SendOptions): Promise<boolean>
  close(): void
}

export function createDirectCalls(
  upstream: UpstreamFetch,
  parts: Pick<CallReplyParts, 'deliver' | 'parse'> & { sessionId(): string | undefined },
): DirectCalls {
  const { deliver, parse } = parts
  const running = new RunningSet<CallReply>()
  let closed = false

  /** Headers of both protocol versions, as the SDK's transport sets them. */
  function headersOf(message: JsonObject, more: SendOptions['headers']): Record<string, string> {
    const headers: Record<string, string> = { ...JSON_OR_EVENTS }
    const params = objectOf(message['params'])
    const version = objectOf(params?.['_meta'])?.[PROTOCOL_VERSION]
    const session = parts.sessionId()
    if (session !== undefined) headers['mcp-session-id'] = session
    if (calls.protocolVersion !== null) headers['mcp-protocol-version'] = calls.protocolVersion
    if (typeof version === 'string') {
      headers['mcp-protocol-version'] = version
      headers['mcp-method'] = 'tools/call'
      headers['mcp-name'] = encodedValue(String(params?.['name']))
    }
    for (const name in more) headers[name.toLowerCase()] ??= more[name] ?? ''
    return headers
  }

  const calls: DirectCalls = {
    protocolVersion: null,
    async send(message, { signal, headers, onEnd }) {
      signal?.throwIfAborted()
      const body = exactJson(message)
      const reply = createCallReply({
        id: message['id'],
        origin: upstream.origin,
        scrubber: upstream.scrubber,
        deliver,
        parse,
      })
      const aborted = (): void => reply.stop(new Error('The request was canceled.'))
      signal?.addEventListener('abort', aborted)
      const place = running.add(reply)
      try {
        await upstream.post(body, headersOf(message, headers), reply.handler)
        const rest = await reply.done
        if (rest === null) {
          onEnd?.()
          return true
        }
        if (closed || signal?.aborted === true) {
          rest.body.destroy()
          return true
        }
        upstream.handOver(body, rest)
        return false
      } finally {
        signal?.removeEventListener('abort', aborted)
        running.remove(place, reply)
      }
    },
    close() {
      closed = true
      for (const reply of running) reply.stop(new Error('The connection was closed.'))
    },
  }
  return calls
}

const JSON_OR_EVENTS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
