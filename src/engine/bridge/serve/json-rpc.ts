import type { ServerResponse } from 'node:http'
import { exactJson } from '../../text/exact-json.ts'

export interface JsonRpcRequest {
  jsonrpc: '2.0'
  id: string | number
  method: string
  params?: Record<string, unknown>
}

/** Returns whether a message is a request (not a notification or response), by its shape alone. */
export function isRequest(message: unknown): message is JsonRpcRequest {
  if (typeof message !== 'object' || message === null) return false
  const { id, method } = message as { id?: unknown; method?: unknown }
  return typeof method === 'string' && (typeof id === 'string' || typeof id === 'number')
}

/** Returns the method of any message that a client sends, for the log. */
export function methodOf(message: unknown): string {
  const method = typeof message === 'object' && message !== null ? (message as { method?: unknown }).method : undefined
  return typeof method === 'string' ? method : 'unknown'
}

/** ID of a message for an error response, preserved exactly even if it is too large to be served. */
type ErrorId = string | number | bigint | null

/** Returns the ID for the response to an invalid message: its own, if it has one. */
export function idOf(message: unknown): ErrorId {
  if (isRequest(message)) return message.id
  const id = typeof message === 'object' && message !== null ? (message as { id?: unknown }).id : undefined
  return typeof id === 'bigint' ? id : null
}

export function sendJsonRpcError(
  response: ServerResponse,
  status: number,
  id: ErrorId,
  code: number,
  message: string,
  data?: Record<string, unknown>,
): void {
  if (response.headersSent || response.destroyed) return
  const body = exactJson({ jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } })
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
    .end(body)
}
