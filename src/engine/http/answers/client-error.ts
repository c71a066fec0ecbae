import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { errorBody, HallpassError } from '../../../contract/errors.ts'

const REASONS: Record<string, [status: string, sentence: string]> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The request headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request took too long to arrive.'],
}

/** Responds to what Node's parser rejected. It never became a request, so it has no route and no log row. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, lingerMs: number): void {
  const answered = (socket as { _httpMessage?: { headersSent: boolean } | null })._httpMessage?.headersSent === true
  if (!socket.writable || answered || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const [status, sentence] = REASONS[error.code ?? ''] ?? ['400 Bad Request', 'Malformed HTTP request.']
  const requestId = randomUUID()
  const body = JSON.stringify(errorBody(new HallpassError('INVALID_REQUEST', sentence), requestId))
  socket.end(
    [
      `HTTP/1.1 ${status}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
  const timer = setTimeout(() => socket.destroy(), Math.min(lingerMs, 1_000))
  socket.once('close', () => clearTimeout(timer))
}
