import type {
  JSONRPCMessage,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  Transport,
} from '@modelcontextprotocol/client'
import { objectOf, parseJsonObject, type JsonObject } from '../../text/json.ts'
import { oneLine } from '../../text/visible-text.ts'
import { saysLostSession } from '../session/lost-session.ts'
import { UpstreamFault, type MessagePipe, type SendOptions } from '../session/message-pipe.ts'
import { createDirectCalls } from './direct-calls.ts'
import type { UpstreamFetch } from './upstream-fetch.ts'
import { serializable } from '../../text/exact-json.ts'

const TERMINATE_MS = 2000
const METHOD_NOT_FOUND = -32_601

type ClientSdk = typeof import('@modelcontextprotocol/client')

/**
 * Opens Streamable HTTP with the SDK's transport, which resumes streams and sets the headers of both protocol versions.
 * Calls, which are nearly all traffic, don't go through it, unless their response is unusual.
 */
export async function openStreamablePipe(sdk: ClientSdk, url: URL, upstream: UpstreamFetch): Promise<MessagePipe> {
  const transport = new sdk.StreamableHTTPClientTransport(url, { fetch: upstream.fetch, redirectPolicy: 'follow' })
  const pipe = pipeOver(transport, upstream, true, async () => {
    if (transport.sessionId === undefined) return
    await Promise.race([
      transport.terminateSession(),
      new Promise((resolve) => setTimeout(resolve, TERMINATE_MS).unref()),
    ])
  })
  await transport.start()
  const calls = createDirectCalls(upstream, {
    sessionId: () => transport.sessionId,
    parse: (text) => messageIn(sdk, text),
    deliver: (message) => pipe.onMessage?.(message),
  })
  const { send, close } = pipe
  pipe.send = async (message, options = {}) => {
    if (message['method'] !== 'tools/call') return send(message, options)
    const isDone = await calls.send(message, options).catch((thrown: unknown) => {
      throw asFault(thrown)
    })
    if (!isDone) await send(message, options)
  }
  pipe.close = () => {
    calls.close()
    return close()
  }
  pipe.setProtocolVersion = (version) => {
    calls.protocolVersion = version
    transport.setProtocolVersion(version)
  }
  return pipe
}

/** Opens the transport of 2024-11-05: one stream to read, and POSTs to a URL that the server sends on it. */
export async function openSsePipe(sdk: ClientSdk, url: URL, upstream: UpstreamFetch): Promise<MessagePipe> {
  const transport = new sdk.SSEClientTransport(url, { fetch: upstream.fetch, redirectPolicy: 'follow' })
  const pipe = pipeOver(transport, upstream, false, () => Promise.resolve())
  try {
    await transport.start()
  } catch (thrown) {
    await pipe.close()
    throw asFault(thrown)
  }
  // It would reconnect in a session that the server hasn't greeted, so ours ends with the stream that began it.
  Object.assign(transport, {
    onerror: (error: unknown) => {
      if (error instanceof sdk.SseError) pipe.onClosed?.(new UpstreamFault('unreachable', 'closed the connection'))
    },
  })
  return pipe
}

function pipeOver(
  transport: StreamableHTTPClientTransport | SSEClientTransport,
  upstream: UpstreamFetch,
  perRequestStream: boolean,
  terminate: () => Promise<void>,
): MessagePipe {
  let closed = false
  const pipe: MessagePipe = {
    perRequestStream,
    onMessage: null,
    onClosed: null,
    async send(message: JsonObject, options: SendOptions = {}) {
      try {
        // The older transport's `send` has no options, because it has no exchange per request.
        const sender: Transport = transport
        await sender.send(serializable(message) as unknown as JSONRPCMessage, {
          ...(options.signal === undefined ? {} : { requestSignal: options.signal.signal }),
          ...(options.onEnd === undefined ? {} : { onRequestStreamEnd: options.onEnd }),
          ...(options.headers === undefined ? {} : { headers: options.headers }),
        })
      } catch (thrown) {
        throw asFault(thrown)
      }
    },
    async close() {
      if (closed) return
      closed = true
      // A server that is unreachable can't end its session.
      await terminate().catch(() => undefined)
      await transport.close()
      await upstream.close()
    },
  }
  Object.assign(transport, {
    onmessage: (message: JSONRPCMessage) => pipe.onMessage?.(message as unknown as JsonObject),
    onclose: () => {
      if (!closed) pipe.onClosed?.(new UpstreamFault('unreachable', 'closed the connection'))
    },
    // Failures reject the `send` they belong to, and the transport reopens a broken stream.
    onerror: () => undefined,
  })
  return pipe
}

/** Converts what a transport throws to a fault with its reason. */
function asFault(thrown: unknown): UpstreamFault {
  if (thrown instanceof UpstreamFault) return thrown
  const { status, text } = detailsOf(thrown)
  if (status === null) {
    const cause = thrown instanceof Error && thrown.cause instanceof UpstreamFault ? thrown.cause : null
    return (
      cause ??
      new UpstreamFault('protocol', `didn't respond like an MCP server (${oneLine(messageOf(thrown), 160)})`, {
        cause: thrown,
      })
    )
  }
  const rpcError = rpcErrorIn(text)
  const more = { status, rpcError, cause: thrown }
  const isLost = saysExpired(status, rpcError, text)
  if (isLost)
    return new UpstreamFault('expired', `doesn't know this URL or session (HTTP ${status})`, { status, cause: thrown })
  if (status === 401)
    return new UpstreamFault('refused', 'rejected the credentials (HTTP 401)', { status, cause: thrown })
  if (status === 403)
    return new UpstreamFault('refused', 'denied access with these credentials (HTTP 403)', { status, cause: thrown })
  if (status >= 500) return new UpstreamFault('unreachable', `failed (HTTP ${status})`, more)
  if (status === 429) return new UpstreamFault('unreachable', 'is rate limiting requests (HTTP 429)', more)
  return new UpstreamFault('protocol', `returned HTTP ${status}, which MCP servers don't use here`, more)
}

/**
 * The protocol requires 404, which modern servers also send for an unknown method. Others use 400 or 401 with a text or
 * JSON-RPC error, or 422 for a request without a session.
 */
function saysExpired(status: number, rpcError: UpstreamFault['rpcError'], text: string | null): boolean {
  if (status === 404) return rpcError?.code !== METHOD_NOT_FOUND
  return (status === 400 || status === 401 || status === 422) && saysLostSession(rpcError?.message ?? text ?? '')
}

function detailsOf(thrown: unknown): { status: number | null; text: string | null } {
  const { data, code, message } = (thrown ?? {}) as {
    data?: { status?: unknown; text?: unknown }
    code?: unknown
    message?: unknown
  }
  if (typeof data?.status === 'number')
    return { status: data.status, text: typeof data.text === 'string' ? data.text : null }
  // The SSE transport has the status in an event's code or in its message.
  if (typeof code === 'number') return { status: code, text: null }
  const named = /\(HTTP (\d{3})\)/.exec(typeof message === 'string' ? message : '')
  return { status: named === null ? null : Number(named[1]), text: null }
}

function rpcErrorIn(text: string | null): UpstreamFault['rpcError'] {
  const error = text === null ? null : objectOf(parseJsonObject(text)?.['error'])
  if (error === null || typeof error['code'] !== 'number' || typeof error['message'] !== 'string') return null
  return {
    code: error['code'],
    message: error['message'],
    ...(error['data'] === undefined ? {} : { data: error['data'] }),
  }
}

/** Returns a message as the SDK's transport would pass it on; null if it isn't one. */
function messageIn(sdk: ClientSdk, text: string): JsonObject | null {
  try {
    return sdk.parseJSONRPCMessage(JSON.parse(text)) as unknown as JsonObject
  } catch (thrown) {
    if (thrown instanceof Error) return null
    throw thrown
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
