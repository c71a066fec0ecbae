import type { Principal } from '../../access/principal.ts'
import type { ProxyExchange } from '../../proxy/proxy-exchange.ts'
import type { Exchange } from '../exchange.ts'
import { acceptsNdjson, checkMediaType, mediaTypeOf, NDJSON_TYPE } from '../media-type.ts'
import { readJson, readPieces } from '../read-body.ts'
import { boundUnreadBody, sendText } from '../answers/send.ts'

/** The exchange as the proxy sees it. */
export function proxyExchange(exchange: Exchange, principal: Principal): ProxyExchange {
  return {
    response: exchange.response,
    requestId: exchange.requestId,
    principal,
    client: exchange.client,
    bytesIn: exchange.bytesIn,
    gone: exchange.gone,
    search: exchange.search,
    headers: exchange.headers,
    streamIdleMs: exchange.limits.streamIdleMs,
    sendsNdjson: mediaTypeOf(exchange) === NDJSON_TYPE,
    wantsNdjson: acceptsNdjson(exchange),
    readJson: () => readJson(exchange),
    readPieces() {
      checkMediaType(exchange, NDJSON_TYPE)
      return readPieces(exchange)
    },
    sendText(text) {
      sendText(exchange, 200, text)
    },
    handOver() {
      exchange.handedOver = true
    },
    boundUnreadBody: () => boundUnreadBody(exchange),
  }
}
