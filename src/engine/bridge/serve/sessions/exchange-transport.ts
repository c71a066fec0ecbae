import type { ServerResponse } from 'node:http'
import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/server'
import { exactJson, parseExactJson } from '../../../text/exact-json.ts'
import { RunningMap } from '../../../running/running-map.ts'
import type { Caller } from '../../caller.ts'
import { idOf, isRequest, sendJsonRpcError } from '../json-rpc.ts'
import { beginEvents, eventOf } from './event-stream.ts'
import type { PlainAnswer } from './plain-requests.ts'
import type { CloseMethodRow } from '../../tools/method-row.ts'

interface Pending {
  response: ServerResponse
  closeRow: CloseMethodRow
  /** Set once the response became an event stream, because a message had to be sent before the result. */
  stopBeat: (() => void) | null
  bytesOut: number
  /** Headers that the response doesn't have yet. */
  headers: Headers | null
}

type Headers = Readonly<Record<string, string>>

/** A session's transport. Each POST is answered only on its own response. */
export interface ExchangeTransport extends Transport {
  /** Passes one message to the server. A request is answered on `response` when the server is done. */
  post(message: JSONRPCMessage, response: ServerResponse, caller: Caller, closeRow: CloseMethodRow): void
  /**
   * Registers a request that is served without the SDK's server, and returns the function that sends its response.
   * `cancel` is called if the client or the session ends it earlier.
   */
  begin(
    id: RequestId,
    response: ServerResponse,
    closeRow: CloseMethodRow,
    cancel: () => void,
    headers: Headers,
  ): (answer: PlainAnswer) => void
  isRunning(id: RequestId): boolean
  /** Passes on a message that nobody waits for a response to. */
  replay(message: JSONRPCMessage): void
  /** Makes `response` the session's event stream. Returns false if there already is one. */
  openStream(response: ServerResponse): boolean
  endStream(): void
  readonly activity: 'running' | 'streaming' | 'idle'
}

/**
 * The 2025 Streamable HTTP transport on Node's request and response. A result is one JSON body in one write. The
 * response becomes an event stream if the server sends a message during the request. Messages of a request go only to
 * its own response.
 */
export function createExchangeTransport(sessionId: string): ExchangeTransport {
  const pending = new RunningMap<RequestId, Pending>()
  /** Functions that cancel requests which the SDK's server doesn't know about. */
  const cancels = new RunningMap<RequestId, () => void>()
  let stream: ServerResponse | null = null
  let closed = false

  function finish(id: RequestId, message: JSONRPCMessage | null): void {
    const exchange = pending.get(id)
    if (exchange === undefined) return
    pending.delete(id)
    const { response, closeRow, stopBeat } = exchange
    stopBeat?.()
    // The ID stays reserved although nobody listens: if it were reused, the late response would go to the wrong
    // request.
    if (response.destroyed) return closeRow(null)
    setHeaders(exchange)
    if (message === null) {
      // The request was canceled. MCP forbids a result, but HTTP requires a response.
      closeRow(null)
      if (stopBeat !== null) response.end()
      else if (!response.headersSent) response.writeHead(202, { 'mcp-session-id': sessionId }).end()
      return
    }
    if (stopBeat !== null) {
      writeEvent(exchange, message)
      response.end()
      return closeRow(message, exchange.bytesOut)
    }
    const body = Buffer.from(exactJson(message))
    closeRow(message, body.byteLength)
    if (response.headersSent || response.destroyed) return
    response
      .writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Length': body.byteLength,
        'mcp-session-id': sessionId,
      })
      .end(body)
  }

  /** Turns the response to a request into an event stream and writes to it. */
  function say(exchange: Pending, message: JSONRPCMessage): void {
    const { response } = exchange
    if (response.destroyed) return
    setHeaders(exchange)
    if (exchange.stopBeat === null) exchange.stopBeat = beginEvents(response, sessionId)
    writeEvent(exchange, message)
  }

  /** Sends a message that belongs to no request: on the event stream, or otherwise on a running request. */
  function sayAnywhere(message: JSONRPCMessage): void {
    if (stream !== null && !stream.destroyed) return void stream.write(eventOf(message))
    // A notification without a listener can be dropped. A request would wait forever.
    if (!('id' in message)) return
    const running = pending.entries().findLast(([, { response }]) => !response.destroyed)?.[1]
    if (running === undefined) throw new Error('The client has no event stream open.')
    say(running, message)
  }

  const transport: ExchangeTransport = {
    sessionId,
    get activity() {
      if (pending.size > 0) return 'running'
      return stream === null ? 'idle' : 'streaming'
    },
    async start() {},
    async send(message, options) {
      if ('id' in message && message.id !== undefined && !('method' in message)) return finish(message.id, message)
      const related = options?.relatedRequestId === undefined ? undefined : pending.get(options.relatedRequestId)
      if (related === undefined) sayAnywhere(message)
      else say(related, message)
    },
    async close() {
      if (closed) return
      closed = true
      for (const [id, exchange] of pending.take()) {
        const { response, closeRow, stopBeat } = exchange
        setHeaders(exchange)
        closeRow(null)
        stopBeat?.()
        if (stopBeat !== null) response.end()
        else sendJsonRpcError(response, 404, id, -32001, 'Session not found')
      }
      for (const [, cancel] of cancels.entries()) cancel()
      transport.endStream()
      transport.onclose?.()
    },
    post(message, response, caller, closeRow) {
      if (!isRequest(message)) {
        transport.onmessage?.(message, { authInfo: authInfoOf(caller) })
        const cancelled = cancelledId(message)
        if (cancelled !== undefined) {
          cancels.get(cancelled)?.()
          finish(cancelled, null)
        }
        response.writeHead(202, { 'mcp-session-id': sessionId }).end()
        return
      }
      if (pending.has(message.id)) {
        closeRow({ error: 'id' })
        sendJsonRpcError(
          response,
          400,
          idOf(message),
          -32600,
          'A request with this ID is already running in this session.',
        )
        return
      }
      pending.set(message.id, { response, closeRow, stopBeat: null, bytesOut: 0, headers: null })
      transport.onmessage?.(message, { authInfo: authInfoOf(caller) })
    },
    isRunning: (id) => pending.has(id),
    begin(id, response, closeRow, cancel, headers) {
      const exchange: Pending = { response, closeRow, stopBeat: null, bytesOut: 0, headers }
      pending.set(id, exchange)
      cancels.set(id, cancel)
      return ({ key, text }) => {
        cancels.delete(id)
        if (pending.get(id) !== exchange) return
        if (exchange.stopBeat !== null)
          return finish(id, { jsonrpc: '2.0', id, [key]: parseExactJson(text.toString()) } as JSONRPCMessage)
        pending.delete(id)
        if (response.destroyed) return closeRow(null)
        const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"${key}":`
        const length = Buffer.byteLength(head) + Buffer.byteLength(text) + 1
        closeRow(key === 'error' ? { error: 1 } : {}, length)
        if (response.headersSent) return
        response.writeHead(200, {
          ...headers,
          'Content-Type': 'application/json',
          'Content-Length': length,
          'mcp-session-id': sessionId,
        })
        if (typeof text === 'string') return void response.end(`${head}${text}}`)
        // Lists are long and identical for everybody, so the bytes are passed on instead of copied.
        response.cork()
        response.write(head)
        response.write(text)
        response.end('}')
      }
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
      const stopBeat = beginEvents(response, sessionId)
      response.flushHeaders()
      response.once('close', () => {
        stopBeat()
        if (stream === response) stream = null
      })
      return true
    },
  }
  return transport
}

/** One by one, which takes longer than together with the status. */
function setHeaders(exchange: Pending): void {
  const { response, headers } = exchange
  exchange.headers = null
  if (headers !== null && !response.headersSent && !response.destroyed)
    for (const name in headers) response.setHeader(name, headers[name] ?? '')
}

function writeEvent(exchange: Pending, message: JSONRPCMessage): void {
  const event = Buffer.from(eventOf(message))
  exchange.bytesOut += event.byteLength
  exchange.response.write(event)
}

/** Carries the caller in the only property that the SDK passes through unchanged. */
export function authInfoOf(caller: Caller): {
  token: string
  clientId: string
  scopes: string[]
  extra: Record<string, unknown>
} {
  return { token: '', clientId: '', scopes: [], extra: { caller } }
}

function cancelledId(message: JSONRPCMessage): RequestId | undefined {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined
  const id = message.params?.['requestId']
  return typeof id === 'string' || typeof id === 'number' ? id : undefined
}
