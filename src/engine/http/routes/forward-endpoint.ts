import type { Principal } from '../../access/principal.ts'
import type { ForwardExchange } from '../../proxy/forward-exchange.ts'
import type { Exchange } from '../exchange.ts'
import { readPieces } from '../read-body.ts'
import { boundUnreadBody, hasBody } from '../answers/send.ts'

/** The exchange as forwarding sees it. */
export function forwardExchange(exchange: Exchange, principal: Principal): ForwardExchange {
  const { request } = exchange
  const withBody = hasBody(exchange)
  return {
    response: exchange.response,
    requestId: exchange.requestId,
    principal,
    client: exchange.client,
    bytesIn: exchange.bytesIn,
    gone: exchange.gone,
    headers: exchange.headers,
    connection: exchange.params['connection'] ?? '',
    method: request.method ?? 'GET',
    path: `/${exchange.params['path'] ?? ''}`,
    search: exchange.search,
    rawHeaders: request.rawHeaders,
    upgrade: request.headers.upgrade?.toLowerCase() ?? null,
    body: withBody ? readPieces(exchange) : null,
    contentLength: withBody && request.headers['transfer-encoding'] === undefined ? exchange.bytesIn : null,
    streamIdleMs: exchange.limits.streamIdleMs,
    handOver() {
      exchange.handedOver = true
    },
    boundUnreadBody: () => boundUnreadBody(exchange),
  }
}
