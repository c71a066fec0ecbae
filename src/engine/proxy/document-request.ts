import {
  BULK_WRITE_METHODS,
  STREAM_READ_METHODS,
  type BulkWriteMethod,
  type DocumentMethod,
  type MethodFields,
  type StreamReadMethod,
} from '../../contract/document-methods.ts'
import { HallpassError } from '../../contract/errors.ts'
import { requireGrant } from '../access/decide.ts'
import type { Principal } from '../access/principal.ts'
import { demandOf } from '../documents/document-demand.ts'
import { parseDocumentCall, requireDocumentMethod } from '../documents/parse-document-call.ts'

export interface ParsedCall {
  method: DocumentMethod
  fields: MethodFields<DocumentMethod>
}

/**
 * Body of `POST /api/v1/proxy` to a method call on a document. Throws INVALID_REQUEST with a sentence that names the
 * field at fault; UNAUTHORIZED goes before it, so that a caller who may not is told that, whatever the fields.
 */
export function parseDocumentRequest(body: unknown, document: string, principal: Principal): ParsedCall {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HallpassError('INVALID_REQUEST', 'The body must be a JSON object: {"method": "<name>", …fields}.')
  }
  // zod passes over this key, so a record would silently lose a value. Nothing upstream has a column of that name.
  if (hasProtoKey(body)) throw new HallpassError('INVALID_REQUEST', 'Field "__proto__" is not taken.')
  const { method: name, ...fields } = body as Record<string, unknown>
  const method = requireDocumentMethod(name)
  try {
    return { method, fields: parseDocumentCall(method as string, fields) }
  } catch (thrown) {
    requireGrant(principal, demandOf(document, method, fields))
    throw thrown
  }
}

/** The body, its records, and their fields: as deep as field names go. */
function hasProtoKey(body: object): boolean {
  if (Object.hasOwn(body, '__proto__')) return true
  for (const value of Object.values(body)) {
    const inner: unknown[] = Array.isArray(value) ? value : [value]
    for (const one of inner) {
      if (typeof one !== 'object' || one === null) continue
      if (Object.hasOwn(one, '__proto__')) return true
      const { fields } = one as { fields?: unknown }
      if (typeof fields === 'object' && fields !== null && Object.hasOwn(fields, '__proto__')) return true
    }
  }
  return false
}

/** Query of a bulk load to its target: `method` and `table`, each once, and nothing else. */
export function parseBulkTarget(search: string): { method: BulkWriteMethod; table: string } {
  const query = new URLSearchParams(search)
  for (const key of query.keys()) {
    const shown = JSON.stringify(key.slice(0, 60))
    if (key !== 'method' && key !== 'table') {
      throw new HallpassError(
        'INVALID_REQUEST',
        `Query field ${shown} is unknown; a bulk load takes "method", "table".`,
      )
    }
    if (query.getAll(key).length > 1)
      throw new HallpassError('INVALID_REQUEST', `Query field "${key}" stands more than once.`)
  }
  const method = query.get('method')
  if (method === null) {
    throw new HallpassError(
      'INVALID_REQUEST',
      `Query field "method" is missing: one of ${BULK_WRITE_METHODS.join(', ')}.`,
    )
  }
  if (!isBulkWrite(method)) {
    const shown = JSON.stringify(method.slice(0, 60))
    throw new HallpassError(
      'INVALID_REQUEST',
      `Query field "method" must be one of ${BULK_WRITE_METHODS.join(', ')} when NDJSON is sent, not ${shown}.`,
    )
  }
  const table = query.get('table')
  if (table === null || table === '') throw new HallpassError('INVALID_REQUEST', 'Query field "table" is missing.')
  return { method, table: parseDocumentCall('describe_table', { table }).table }
}

function isBulkWrite(method: string): method is BulkWriteMethod {
  return (BULK_WRITE_METHODS as readonly string[]).includes(method)
}

export function isStreamRead(method: string): method is StreamReadMethod {
  return (STREAM_READ_METHODS as readonly string[]).includes(method)
}
