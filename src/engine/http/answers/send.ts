import type { RateVerdict } from '../../access/rate-limiter.ts'
import { errorBody, type HallpassError } from '../../../contract/errors.ts'
import type { Exchange } from '../exchange.ts'

/** Sends a complete JSON response and returns the size of its body. */
export function sendJson(exchange: Exchange, status: number, body: unknown, extra?: Record<string, string>): number {
  return sendText(exchange, status, JSON.stringify(body), extra)
}

/**
 * Like `sendJson`, for serialized JSON. Headers and body are one write. For HEAD, only the headers, including the length. Does
 * nothing if a response has already started.
 */
export function sendText(exchange: Exchange, status: number, text: string, extra?: Record<string, string>): number {
  const bytes = Buffer.byteLength(text)
  const { response } = exchange
  if (response.headersSent || response.destroyed) return 0
  boundUnreadBody(exchange)
  response.writeHead(status, {
    ...exchange.headers,
    ...extra,
    'Content-Type': extra?.['Content-Type'] ?? 'application/json; charset=utf-8',
    'Content-Length': String(bytes),
  })
  response.end(text)
  exchange.bytesOut = exchange.request.method === 'HEAD' ? 0 : bytes
  return exchange.bytesOut
}

/** Sends a complete response of any type. For HEAD, only its headers, including the length. */
export function sendWhole(
  exchange: Exchange,
  status: number,
  headers: Record<string, string>,
  body: string | Buffer,
): void {
  const { response } = exchange
  if (response.headersSent || response.destroyed) return
  boundUnreadBody(exchange)
  const bytes = Buffer.byteLength(body)
  response.writeHead(status, { ...headers, ...(status === 204 ? {} : { 'Content-Length': String(bytes) }) })
  response.end(body)
  exchange.bytesOut = exchange.request.method === 'HEAD' ? 0 : bytes
}

export function sendNothing(exchange: Exchange, extra: Record<string, string>): void {
  boundUnreadBody(exchange)
  exchange.response.writeHead(204, { ...exchange.headers, ...extra })
  exchange.response.end()
}

export function sendError(exchange: Exchange, error: HallpassError, extra: Record<string, string> = {}): number {
  const challenge = error.status === 401 ? { 'WWW-Authenticate': 'Bearer realm="hallpass"' } : {}
  return sendJson(exchange, error.status, errorBody(error, exchange.requestId), { ...extra, ...challenge })
}

/** Maximum number of waits for a body that is still arriving. */
const MAX_LINGER_ROUNDS = 120

/**
 * Closing immediately while the body is still arriving would reset the connection, and the caller would never read the
 * response. The rest is therefore read and discarded, for a limited time.
 */
export function boundUnreadBody(exchange: Exchange): void {
  const { request, response, limits } = exchange
  if (request.complete || !hasBody(exchange)) return
  // With a listener, the rest is also discarded after another reader of the body stops.
  request.on('data', discard)
  if (!response.shouldKeepAlive && !response.headersSent) {
    // Node would close this connection at the end of the response, although the client is still sending.
    response.shouldKeepAlive = true
    request.once('end', () => request.socket.end())
  }
  request.resume()
  const socket = request.socket
  // Many clients send everything before they read. Callers with a valid token may send bodies of any length anyway.
  let rounds = exchange.principal === null ? 1 : MAX_LINGER_ROUNDS
  let read = socket.bytesRead
  let timer = setTimeout(linger, limits.lingerMs)
  function linger(): void {
    if (request.complete) return
    rounds -= 1
    const isFinished = rounds === 0 || exchange.principal?.signal.aborted === true
    if (isFinished || socket.bytesRead === read) socket.destroy()
    else {
      read = socket.bytesRead
      timer = setTimeout(linger, limits.lingerMs)
    }
  }
  const settle = () => clearTimeout(timer)
  request.once('end', settle)
  response.once('close', () => {
    if (request.complete || socket.destroyed) settle()
  })
}

function discard(): void {}

export function hasBody(exchange: Exchange): boolean {
  const { headers } = exchange.request
  return (
    headers['transfer-encoding'] !== undefined ||
    (headers['content-length'] !== undefined && headers['content-length'] !== '0')
  )
}

/**
 * Returns the rate limit in both formats: X-RateLimit-* with Reset in Unix seconds, and the IETF draft's structured
 * fields, where `t` is the remaining seconds. Empty for callers without a limit.
 */
export function rateHeaders(verdict: RateVerdict, policy: 'token' | 'address', nowMs: number): Record<string, string> {
  if (verdict.limit === null) return {}
  const headers: Record<string, string> = {
    'X-RateLimit-Limit': String(verdict.limit),
    'X-RateLimit-Remaining': String(verdict.remaining),
    'X-RateLimit-Reset': String(verdict.resetAt),
    'RateLimit-Policy': `"${policy}";q=${verdict.limit};w=${verdict.windowSeconds}`,
    RateLimit: `"${policy}";r=${verdict.remaining};t=${Math.max(0, Math.ceil(verdict.resetAt - nowMs / 1000))}`,
  }
  if (!verdict.allowed) headers['Retry-After'] = String(Math.max(1, verdict.retryAfter))
  return headers
}
