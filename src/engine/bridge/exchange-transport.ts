import type { ServerResponse } from 'node:http'
import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/server'
import type { Caller } from './caller.ts'
import { idOf, isRequest, sendJsonRpcError } from './json-rpc.ts'
import type { CloseMethodRow } from './method-row.ts'

const KEEP_ALIVE_MS = 15_000

interface Pending {
  response: ServerResponse
  closeRow: CloseMethodRow
}

/** A session's transport: each POST is answered on its own response, and on no other. */
export interface ExchangeTransport extends Transport {
  /** Hands one message to the server; a request is answered on `response` when the server is done. */
  post(message: JSONRPCMessage, response: ServerResponse, caller: Caller, closeRow: CloseMethodRow): void
  /** Hands over a message whose answer nobody waits for. */
  replay(message: JSONRPCMessage): void
  /** Makes `response` the session's event stream; false when there is one already. */
  openStream(response: ServerResponse): boolean
  endStream(): void
  readonly activity: 'running' | 'streaming' | 'idle'
}

/**
 * The 2025-era Streamable HTTP transport over Node's own request and response. Answers go out as one JSON body:
 * one write, and nothing of one request can reach the response of another.
 */
export function createExchangeTransport(sessionId: string): ExchangeTransport {
  const pending = new Map<RequestId, Pending>()
  let stream: ServerResponse | null = null
  let closed = false

  function finish(id: RequestId, message: JSONRPCMessage | null): void {
    const exchange = pending.get(id)
    if (exchange === undefined) return
    pending.delete(id)
    const { response, closeRow } = exchange
    // The id was held until now though nobody listens: freed at once, the late answer would go to the next who uses it.
    if (response.destroyed) return closeRow(null)
    if (message === null) {
      // Cancelled: the protocol forbids an answer, HTTP needs one.
      closeRow(null)
      if (!response.headersSent && !response.destroyed) response.writeHead(202, { 'mcp-session-id': sessionId }).end()
      return
    }
    const body = Buffer.from(JSON.stringify(message))
    closeRow(message, body.byteLength)
    if (response.headersSent || response.destroyed) return
    response
      .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.byteLength, 'mcp-session-id': sessionId })
      .end(body)
  }

  const transport: ExchangeTransport = {
    sessionId,
    get activity() {
      if (pending.size > 0) return 'running'
      return stream === null ? 'idle' : 'streaming'
    },
    async start() {},
    async send(message) {
      if ('id' in message && message.id !== undefined && !('method' in message)) return finish(message.id, message)
      // What the server says of its own accord goes to the event stream, where the client opened one.
      if (stream !== null && !stream.destroyed) stream.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`)
    },
    async close() {
      if (closed) return
      closed = true
      for (const [id, { response, closeRow }] of pending) {
        closeRow(null)
        sendJsonRpcError(response, 404, id, -32001, 'Session not found')
      }
      pending.clear()
      transport.endStream()
      transport.onclose?.()
    },
    post(message, response, caller, closeRow) {
      if (!isRequest(message)) {
        transport.onmessage?.(message, { authInfo: authInfoOf(caller) })
        const cancelled = cancelledId(message)
        if (cancelled !== undefined) finish(cancelled, null)
        response.writeHead(202, { 'mcp-session-id': sessionId }).end()
        return
      }
      if (pending.has(message.id)) {
        closeRow({ error: 'id' })
        sendJsonRpcError(response, 400, idOf(message), -32600, 'A request with this id is still running in this session.')
        return
      }
      pending.set(message.id, { response, closeRow })
      transport.onmessage?.(message, { authInfo: authInfoOf(caller) })
    },
    replay(message) {
      transport.onmessage?.(message)
    },
    endStream() {
      stream?.end()
      stream = null
    },
    openStream(response) {
      if (stream !== null) return false
      stream = response
      response.writeHead(200, {
        'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache, no-transform', 'mcp-session-id': sessionId,
      })
      response.flushHeaders()
      const beat = setInterval(() => response.write(': keepalive\n\n'), KEEP_ALIVE_MS)
      beat.unref()
      response.once('close', () => {
        clearInterval(beat)
        if (stream === response) stream = null
      })
      return true
    },
  }
  return transport
}

/** The caller rides in the one slot that the SDK passes through with each message untouched. */
export function authInfoOf(caller: Caller): { token: string; clientId: string; scopes: string[]; extra: Record<string, unknown> } {
  return { token: '', clientId: '', scopes: [], extra: { caller } }
}

function cancelledId(message: JSONRPCMessage): RequestId | undefined {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined
  const id = message.params?.['requestId']
  return typeof id === 'string' || typeof id === 'number' ? id : undefined
}
