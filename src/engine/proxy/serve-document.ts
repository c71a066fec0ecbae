import type { MethodFields, StreamReadMethod } from '../../contract/document-methods.ts'
import { HallpassError } from '../../contract/errors.ts'
import type { DocumentCalls } from '../calls/document-calls.ts'
import type { CallOrigin } from '../calls/open-call.ts'
import { serveBulkWrite } from './bulk-write.ts'
import { isStreamRead, parseDocumentRequest } from './document-request.ts'
import type { ProxyExchange } from './proxy-exchange.ts'
import { serveRecordStream } from './record-stream.ts'

/** `POST /api/v1/proxy`: one document call, or a bulk stream in or out. Failures before the first byte are thrown. */
export async function serveDocument(calls: DocumentCalls, exchange: ProxyExchange): Promise<void> {
  const document = documentOf(exchange)
  const origin = originOf(exchange)
  if (exchange.sendsNdjson) return serveBulkWrite(calls, exchange, document, origin)
  const { method, fields } = parseDocumentRequest(await exchange.readJson(), document, exchange.principal)
  exchange.handOver()
  if (exchange.wantsNdjson && isStreamRead(method)) {
    const stream = await calls.openReadStream(
      exchange.principal,
      document,
      method,
      fields as MethodFields<StreamReadMethod>,
      origin,
    )
    return serveRecordStream(exchange, stream)
  }
  let text = ''
  await calls
    .call(exchange.principal, document, method, fields, {
      ...origin,
      measure(data) {
        text = JSON.stringify({ success: true, data })
        return Buffer.byteLength(text)
      },
    })
    .then((data) => {
      if (text === '') text = JSON.stringify({ success: true, data })
    })
  exchange.sendText(text)
}

/** A session token is for one connection; it has no grant left when its parent lost that one. */
function documentOf(exchange: ProxyExchange): string {
  const grant = exchange.principal.grants[0]
  if (grant === undefined) {
    throw new HallpassError(
      'UNAUTHORIZED',
      'Document not in scope: the rights that this session token was minted from are gone.',
    )
  }
  return grant.connection
}

function originOf(exchange: ProxyExchange): CallOrigin {
  return {
    requestId: exchange.requestId,
    transport: 'proxy',
    client: exchange.client,
    signal: exchange.gone,
    bytesIn: exchange.bytesIn,
  }
}
