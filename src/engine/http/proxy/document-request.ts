import {
  BULK_WRITE_METHODS,
  STREAM_READ_METHODS,
  type BulkWriteMethod,
  type DocumentMethod,
  type StreamReadMethod,
} from '../../../contract/methods/document-methods.ts'
import { invalidRequest } from '../../../contract/errors.ts'
import type { BulkTarget } from '../../documents/document-connector.ts'
import { parseDocumentCall, requireDocumentMethod } from '../../documents/parse-document-call.ts'

/**
 * Splits the body of `POST /api/v1/proxy` into method and fields. Fields are validated later, once it is known whether
 * the caller may use the method. Throws INVALID_REQUEST.
 */
export function methodAndFields(body: unknown): { method: DocumentMethod; given: Record<string, unknown> } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidRequest('The request body must be a JSON object: {"method": "<name>", …fields}.')
  }
  // zod ignores this key, so a record would silently lose a value. No upstream has a column of this name.
  if (hasProtoKey(body)) throw invalidRequest('Field "__proto__" isn\'t allowed.', '__proto__')
  const { method, ...given } = body as Record<string, unknown>
  return { method: requireDocumentMethod(method), given }
}

/** Checks the body, its records and their fields, which is as deep as field names go. */
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

/** Parses the query of a bulk load, which must be exactly one `method` and one `table`. */
export function parseBulkTarget(search: string): BulkTarget {
  const query = new URLSearchParams(search)
  for (const key of query.keys()) {
    const shown = JSON.stringify(key.slice(0, 60))
    if (key !== 'method' && key !== 'table' && key !== 'atomic') {
      throw invalidRequest(
        `Unknown query parameter ${shown}. A bulk load takes "method", "table" and "atomic".`,
        key.slice(0, 60),
      )
    }
    if (query.getAll(key).length > 1) throw invalidRequest(`Query parameter "${key}" can be given only once.`, key)
  }
  const method = query.get('method')
  if (method === null) {
    throw invalidRequest(`Missing query parameter "method". Use ${BULK_WRITE_METHODS.join(', ')}.`, 'method')
  }
  if (!isBulkWrite(method)) {
    const shown = JSON.stringify(method.slice(0, 60))
    throw invalidRequest(`A bulk load can't use method ${shown}. Use ${BULK_WRITE_METHODS.join(', ')}.`, 'method')
  }
  const table = query.get('table')
  if (table === null || table === '') throw invalidRequest('Missing query parameter "table".', 'table')
  const atomic = query.get('atomic') ?? 'false'
  if (atomic !== 'true' && atomic !== 'false')
    throw invalidRequest('Query parameter "atomic" must be true or false.', 'atomic')
  return {
    method,
    table: parseDocumentCall('describe_table', { table }).table,
    ...(atomic === 'true' ? { atomic: true } : {}),
  }
}

function isBulkWrite(method: string): method is BulkWriteMethod {
  return (BULK_WRITE_METHODS as readonly string[]).includes(method)
}

export function isStreamRead(method: string): method is StreamReadMethod {
  return (STREAM_READ_METHODS as readonly string[]).includes(method)
}
