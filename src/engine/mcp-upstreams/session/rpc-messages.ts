import { McpUpstreamError } from '../mcp-upstreams.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'
import type { UpstreamFault } from './message-pipe.ts'

const METHOD_NOT_FOUND = -32_601
const INTERNAL_ERROR = -32_603

/** Replaces the client's progress token, which has no meaning upstream, by ours or by none. */
export function withToken(params: JsonObject | undefined, token: number | null): { params?: JsonObject } {
  const { progressToken: _theirs, ...meta } = objectOf(params?.['_meta']) ?? {}
  const ours = token === null ? meta : { ...meta, progressToken: token }
  if (params === undefined && token === null) return {}
  const { _meta, ...rest } = params ?? {}
  const needed = Object.keys(ours).length > 0 || objectOf(_meta) !== null
  return { params: needed ? { ...rest, _meta: ours } : rest }
}

export function rpcErrorOf(thrown: unknown, method: string): JsonObject {
  if (thrown instanceof McpUpstreamError) {
    return { code: thrown.code, message: thrown.message, ...(thrown.data === undefined ? {} : { data: thrown.data }) }
  }
  if (thrown instanceof MethodUnknown) return { code: METHOD_NOT_FOUND, message: `Method not found: ${method}` }
  return { code: INTERNAL_ERROR, message: "The client couldn't respond." }
}

/** Thrown by a handler for a method that it doesn't know. */
export class MethodUnknown extends Error {}

export function rpcOf(fault: UpstreamFault): McpUpstreamError {
  const { code = INTERNAL_ERROR, message = '', data } = fault.rpcError ?? {}
  return new McpUpstreamError(code, message, data)
}

export function codeOf(value: unknown): number {
  return typeof value === 'number' ? value : INTERNAL_ERROR
}
