import { HallpassError } from '../../../contract/errors.ts'
import type { HttpCalls } from '../../calls/http-calls.ts'
import type { ResponseSink } from '../../egress/response-relay.ts'
import type { Principal } from '../../access/principal.ts'
import { boundUnreadBody, hasBody } from '../answers/send.ts'
import type { Exchange } from '../exchange.ts'
import { readPieces } from '../read-body.ts'
import type { Endpoint } from '../routes/route-table.ts'

export function forwardEndpoint(calls: HttpCalls): Endpoint {
  return {
    auth: 'session',
    log: 'handler',
    summary: 'Forward the request to an HTTP API with its credentials added.',
    serve: (exchange, principal) => forwardRequest(calls, exchange, principal),
  }
}

/** `* /api/v1/http/{connection}/{path…}`: forwards the request with the connection's credentials in place of the caller's. */
async function forwardRequest(calls: HttpCalls, exchange: Exchange, principal: Principal): Promise<void> {
  const { request, requestId, client, gone, bytesIn, params, search } = exchange
  // Other upgrades, such as h2c, are only offers and can be ignored.
  if (request.headers.upgrade?.toLowerCase().includes('websocket') === true) {
    throw new HallpassError(
      'INVALID_REQUEST',
      "WebSocket isn't supported. Use ordinary requests or server-sent events.",
    )
  }
  const withBody = hasBody(exchange)
  const answer = createAnswer(exchange)
  exchange.handedOver = true
  try {
    await calls.send(
      principal,
      {
        connection: params['connection'] ?? '',
        method: request.method ?? 'GET',
        path: `/${params['path'] ?? ''}`,
        search,
        rawHeaders: request.rawHeaders,
        body: withBody ? readPieces(exchange) : null,
        contentLength: withBody && request.headers['transfer-encoding'] === undefined ? bytesIn : null,
        publicUrl: publicUrl(exchange),
      },
      answer.sink,
      { requestId, client, bytesIn, transport: 'http', signal: gone },
    )
  } catch (thrown) {
    answer.drop()
    throw thrown
  }
}

/** Returns the connection's base URL as this caller wrote it, for rewriting links in headers. */
function publicUrl({ params, request }: Exchange): string {
  const scheme = 'encrypted' in request.socket ? 'https' : 'http'
  return `${scheme}://${request.headers.host ?? ''}/api/v1/http/${params['connection'] ?? ''}`
}

/** Maximum number of bytes held back within one turn. */
const LARGEST_HELD = 64 * 1024
/** Maximum number of bytes of a body that is one write with its head. */
const LARGEST_JOINED = 8 * 1024

/**
 * Holds headers and first chunk until the next turn of the event loop, so that a small response is one write. Nothing
 * is held longer, so that events arrive without delay.
 */
function createAnswer(exchange: Exchange): { sink: ResponseSink; drop(): void } {
  const { response } = exchange
  const { streamIdleMs } = exchange.limits
  let head: { status: number; headers: string[] } | null = null
  let first: Buffer | null = null
  let flush: NodeJS.Immediate | null = null
  let idle: NodeJS.Timeout | null = null
  let more: () => void = () => undefined

  function begin(): void {
    if (flush !== null) clearImmediate(flush)
    flush = null
    if (head === null) return
    boundUnreadBody(exchange)
    const headers: string[] = []
    for (const name in exchange.headers) headers.push(name, exchange.headers[name] as string)
    for (const part of head.headers) headers.push(part)
    response.writeHead(head.status, headers)
    head = null
  }

  function stopWaiting(): void {
    if (idle !== null) clearTimeout(idle)
    idle = null
    response.off('drain', goOn)
    response.off('close', stopWaiting)
  }

  function goOn(): void {
    stopWaiting()
    more()
  }

  function write(piece: Buffer): boolean {
    if (response.write(piece)) return true
    if (idle === null) {
      // A caller that stops reading must not occupy the upstream forever.
      idle = setTimeout(() => response.destroy(), streamIdleMs)
      response.once('drain', goOn)
      response.once('close', stopWaiting)
    }
    return false
  }

  return {
    sink: {
      head(status, headers, resume) {
        head = { status, headers }
        more = resume
        flush = setImmediate(() => {
          // Nobody would catch an error thrown from here.
          if (response.headersSent || response.destroyed) return
          begin()
          const held = first
          first = null
          if (held === null) response.flushHeaders()
          else if (!write(held)) return
          else more()
        })
      },
      data(piece) {
        if (flush === null) return write(piece)
        if (first === null) {
          first = piece
          return true
        }
        // Concatenated instead of corking the response: Node loses the last chunk of a chunked response that ends while
        // corked.
        const joined: Buffer = Buffer.concat([first, piece])
        first = joined
        if (joined.length < LARGEST_HELD) return true
        begin()
        first = null
        return write(joined)
      },
      end() {
        const held = first
        first = null
        // The response is complete, so its length is known even if the upstream didn't send it.
        if (head !== null && held !== null && !hasLength(head.headers))
          head.headers.push('content-length', String(held.length))
        begin()
        if (held === null) response.end()
        // Node joins a head with a text, but writes bytes as a second part, which takes a fifth longer.
        else if (held.length <= LARGEST_JOINED) response.end(held.toString('latin1'), 'latin1')
        else response.end(held)
      },
    },
    drop() {
      if (flush !== null) clearImmediate(flush)
      flush = null
      head = null
      first = null
    },
  }
}

function hasLength(headers: readonly string[]): boolean {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === 'content-length') return true
  return false
}
