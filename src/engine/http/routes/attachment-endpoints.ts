import { z } from 'zod'
import { HallpassError, invalidRequest } from '../../../contract/errors.ts'
import type { Principal } from '../../access/principal.ts'
import type { AttachmentCalls } from '../../calls/attachment-calls.ts'
import type { CallOrigin } from '../../calls/running-call.ts'
import { hasBody, sendJson } from '../answers/send.ts'
import type { Exchange } from '../exchange.ts'
import { mediaTypeOf } from '../media-type.ts'
import { documentOf } from '../proxy/serve-document.ts'
import { sendFileHeaders, serveFile } from '../proxy/serve-file.ts'
import { readPieces } from '../read-body.ts'
import type { Endpoint } from './route-table.ts'

const DEFAULT_TYPE = 'application/octet-stream'
const FORM_TYPE = 'multipart/form-data'
const MAX_NAME = 255

/** Stores uploads as they arrive: a form, or the bytes of a single file with its name in the query. */
export function uploadEndpoint(calls: AttachmentCalls): Endpoint {
  return {
    auth: 'session',
    log: 'handler',
    summary: 'Store files in a Grist document: a multipart form with parts named "upload", or one file with ?name=.',
    response: z.object({ attachment_ids: z.array(z.int()) }),
    async serve(exchange, principal) {
      const query = queryOf(exchange, ['document', 'name'])
      const document = documentOf(principal, query.get('document'))
      if (!hasBody(exchange)) throw invalidRequest('The request has no body. Send the file.')
      const { request, bytesIn } = exchange
      const isForm = mediaTypeOf(exchange) === FORM_TYPE
      const upload = {
        contentType: request.headers['content-type'] ?? DEFAULT_TYPE,
        fileName: isForm ? null : fileName(query.get('name')),
        length: request.headers['transfer-encoding'] === undefined ? bytesIn : null,
        body: readPieces(exchange),
      }
      exchange.handedOver = true
      const ids = await calls.uploadAttachments(principal, document, upload, originOf(exchange))
      sendJson(exchange, 200, { attachment_ids: ids })
    },
  }
}

export function downloadEndpoint(calls: AttachmentCalls): Endpoint {
  return {
    auth: 'session',
    log: 'handler',
    summary: 'Read a file of a Grist document.',
    async serve(exchange: Exchange, principal: Principal) {
      const document = documentOf(principal, queryOf(exchange, ['document']).get('document'))
      const id = Number(exchange.params['id'])
      exchange.handedOver = true
      const which = [principal, document, id, originOf(exchange)] as const
      if (exchange.request.method !== 'HEAD') return serveFile(exchange, await calls.openAttachment(...which))
      sendFileHeaders(exchange, await calls.attachmentHeaders(...which))
      exchange.response.end()
    },
  }
}

function originOf({ requestId, client, gone, bytesIn }: Exchange): CallOrigin {
  return { requestId, transport: 'proxy', client, signal: gone, bytesIn }
}

function queryOf({ search }: Exchange, known: readonly string[]): URLSearchParams {
  const query = new URLSearchParams(search)
  for (const key of query.keys()) {
    if (!known.includes(key))
      throw invalidRequest(
        `Unknown query parameter ${JSON.stringify(key.slice(0, 60))}. Use ${known.join(' and ')}.`,
        key.slice(0, 60),
      )
    if (query.getAll(key).length > 1) throw invalidRequest(`Query parameter "${key}" can be given only once.`, key)
  }
  return query
}

function fileName(name: string | null): string {
  if (name === null || name === '')
    throw invalidRequest('Add the name of the file to the URL, for example ?name=photo.jpg, or send a form.', 'name')
  // Programs that save the file might trust a path or control character in its name.
  if (name.length > MAX_NAME || /[\\/\p{Cc}]/u.test(name) || name === '.' || name === '..')
    throw new HallpassError(
      'INVALID_REQUEST',
      `The file name must be 1–${MAX_NAME} characters without slashes and control characters.`,
      { field: 'name' },
    )
  return name
}
