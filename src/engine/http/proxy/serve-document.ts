import { z } from 'zod'
import {
  DOCUMENT_METHODS,
  type MethodFields,
  type StreamReadMethod,
} from '../../../contract/methods/document-methods.ts'
import { HallpassError, invalidRequest } from '../../../contract/errors.ts'
import type { Principal } from '../../access/principal.ts'
import type { DocumentCalls, DocumentOrigin } from '../../calls/document-calls.ts'
import { parseDocumentCall } from '../../documents/parse-document-call.ts'
import { sendText } from '../answers/send.ts'
import type { Exchange } from '../exchange.ts'
import { acceptsNdjson, mediaTypeOf, NDJSON_TYPE } from '../media-type.ts'
import { readJson } from '../read-body.ts'
import type { Endpoint } from '../routes/route-table.ts'
import { serveBulkWrite } from './bulk-write.ts'
import { isStreamRead, methodAndFields } from './document-request.ts'
import { serveRecordStream } from './record-stream.ts'

const IDEMPOTENCY_KEY = /^[A-Za-z0-9._-]{1,128}$/

export function documentEndpoint(calls: DocumentCalls): Endpoint {
  return {
    auth: 'session',
    log: 'handler',
    streams: true,
    summary: 'Call a document method, or send a bulk load as NDJSON.',
    request: z.union(
      Object.entries(DOCUMENT_METHODS).map(([method, { fields }]) =>
        z.strictObject({ method: z.literal(method), ...fields.shape }),
      ),
    ),
    response: z.object({ success: z.literal(true), data: z.unknown() }),
    serve: (exchange, principal) => serveDocument(calls, exchange, principal),
  }
}

/**
 * `POST /api/v1/proxy`: one document call, or a bulk stream in either direction. Failures before the first byte are
 * thrown.
 */
async function serveDocument(calls: DocumentCalls, exchange: Exchange, principal: Principal): Promise<void> {
  const document = documentOf(principal)
  const repeatable = repeatableBy(exchange)
  const origin: DocumentOrigin = {
    requestId: exchange.requestId,
    transport: 'proxy',
    client: exchange.client,
    signal: exchange.gone,
    bytesIn: exchange.bytesIn,
    ...(repeatable === undefined ? {} : { repeatable }),
  }
  if (mediaTypeOf(exchange) === NDJSON_TYPE) return serveBulkWrite(calls, exchange, principal, document, origin)
  const { method, given } = methodAndFields(await readJson(exchange))
  exchange.handedOver = true
  let fields
  try {
    fields = parseDocumentCall(method, given)
  } catch (thrown) {
    throw calls.reject(principal, document, method, given, origin, thrown)
  }
  if (acceptsNdjson(exchange) && isStreamRead(method)) {
    const read = fields as MethodFields<StreamReadMethod>
    return serveRecordStream(exchange, await calls.openReadStream(principal, document, method, read, origin))
  }
  let text = ''
  // The data goes into the response as the text that the document's worker wrote.
  const measure = (data: string): number => {
    text = `{"success":true,"data":${data}}`
    return Buffer.byteLength(text)
  }
  const isWrite = DOCUMENT_METHODS[method].permission !== 'read'
  // A client that lost its connection repeats the request with the same key, so the call continues without it.
  const signal = repeatable !== undefined && isWrite ? new AbortController().signal : exchange.gone
  await calls.callForText(principal, document, method, fields, { ...origin, signal, measure })
  sendText(exchange, 200, text)
}

/** Returns the key of a request that its client may repeat. */
function repeatableBy({ request, headers }: Exchange): DocumentOrigin['repeatable'] {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key))
    throw invalidRequest('The key must be 1–128 characters of A–Z, a–z, 0–9, ".", "_" and "-".', 'Idempotency-Key')
  return { key, onReplay: () => void (headers['Idempotency-Replayed'] = 'true') }
}

/** A session token has one connection, and no grant left if its parent lost that connection. */
export function documentOf({ grants: [grant] }: Principal, named: string | null = null): string {
  if (grant !== undefined && (named === null || named === grant.connection)) return grant.connection
  if (grant !== undefined)
    throw new HallpassError('UNAUTHORIZED', `Document not in scope: this session token is for "${grant.connection}".`)
  throw new HallpassError(
    'UNAUTHORIZED',
    'Document not in scope: the token this session token came from no longer has this access.',
  )
}
