import type {
  JSONRPCMessage,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  Transport,
} from '@modelcontextprotocol/client'
import { objectOf, type JsonObject } from '../../text/json.ts'
import { UpstreamFault, type MessagePipe, type SendOptions } from '../session/message-pipe.ts'
import type { UpstreamFetch } from './upstream-fetch.ts'
import { printable } from '../../text/exact-json.ts'

const TERMINATE_MS = 2000
const METHOD_NOT_FOUND = -32_601

export type ClientSdk = typeof import('@modelcontextprotocol/client')

/** JSON-RPC over Streamable HTTP, with the SDK's transport: streams, resuming them, and the headers of both eras. */
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
  pipe.setProtocolVersion = (version) => transport.setProtocolVersion(version)
  return pipe
}

/** The older transport of 2024-11-05: one stream to read, posts to an address that the server names in it. */
export async function openSsePipe(sdk: ClientSdk, url: URL, upstream: UpstreamFetch): Promise<MessagePipe> {
  const transport = new sdk.SSEClientTransport(url, { fetch: upstream.fetch, redirectPolicy: 'follow' })
  const pipe = pipeOver(transport, upstream, false, () => Promise.resolve())
  try {
    await transport.start()
  } catch (thrown) {
    await pipe.close()
    throw asFault(thrown)
  }
  // It would read on by itself, in a session that the server has not greeted: ours ends with the stream that began it.
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
        // The older transport's own send takes no options: it has no exchange a request.
        const sender: Transport = transport
        await sender.send(printable(message) as unknown as JSONRPCMessage, {
          ...(options.signal === undefined ? {} : { requestSignal: options.signal }),
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
      // A server that is gone cannot be told goodbye.
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
    // Each failure is told by the send that it belongs to; a listening stream that broke is opened again by the transport.
    onerror: () => undefined,
  })
  return pipe
}

/** What a transport throws, as a fault with its reason. */
export function asFault(thrown: unknown): UpstreamFault {
  if (thrown instanceof UpstreamFault) return thrown
  const { status, text } = detailsOf(thrown)
  if (status === null) {
    const cause = thrown instanceof Error && thrown.cause instanceof UpstreamFault ? thrown.cause : null
    return (
      cause ??
      new UpstreamFault('protocol', `did not answer as an MCP server does (${shortOf(thrown)})`, { cause: thrown })
    )
  }
  const rpcError = rpcErrorIn(text)
  const more = { status, rpcError, cause: thrown }
  if (status === 401)
    return new UpstreamFault('refused', 'is reachable, but refuses the credentials (HTTP 401)', {
      status,
      cause: thrown,
    })
  if (status === 403)
    return new UpstreamFault(
      'refused',
      'is reachable, but does not allow this with the credentials that it got (HTTP 403)',
      { status, cause: thrown },
    )
  if (saysExpired(status, rpcError))
    return new UpstreamFault('expired', `knows no such address or session (HTTP ${status})`, { status, cause: thrown })
  if (status >= 500) return new UpstreamFault('unreachable', `failed (HTTP ${status})`, more)
  if (status === 429) return new UpstreamFault('unreachable', 'gets too many requests (HTTP 429)', more)
  return new UpstreamFault('protocol', `answered HTTP ${status}, which no MCP server does here`, more)
}

/** 404 is what the protocol asks for; some servers, the SDK's own examples among them, say it with 400. A modern server says by 404 that it has no such method. */
function saysExpired(status: number, rpcError: UpstreamFault['rpcError']): boolean {
  if (status === 404) return rpcError?.code !== METHOD_NOT_FOUND
  return status === 400 && rpcError !== null && /session/i.test(rpcError.message)
}

function detailsOf(thrown: unknown): { status: number | null; text: string | null } {
  const { data, code, message } = (thrown ?? {}) as {
    data?: { status?: unknown; text?: unknown }
    code?: unknown
    message?: unknown
  }
  if (typeof data?.status === 'number')
    return { status: data.status, text: typeof data.text === 'string' ? data.text : null }
  // The SSE transport tells the status as the code of an event, or in its sentence.
  if (typeof code === 'number') return { status: code, text: null }
  const named = /\(HTTP (\d{3})\)/.exec(typeof message === 'string' ? message : '')
  return { status: named === null ? null : Number(named[1]), text: null }
}

function rpcErrorIn(text: string | null): UpstreamFault['rpcError'] {
  if (text === null) return null
  try {
    const error = objectOf(objectOf(JSON.parse(text))?.['error'])
    if (error === null || typeof error['code'] !== 'number' || typeof error['message'] !== 'string') return null
    return {
      code: error['code'],
      message: error['message'],
      ...(error['data'] === undefined ? {} : { data: error['data'] }),
    }
  } catch {
    return null
  }
}

function shortOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return text.replaceAll(/\s+/g, ' ').slice(0, 160)
}
