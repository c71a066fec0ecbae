import type { AttachmentStream } from '../../calls/attachment-calls.ts'
import type { Exchange } from '../exchange.ts'
import { drained } from './record-stream.ts'

/**
 * Sends a file no faster than it is read. A failure after the headers closes the connection before the announced length
 * or without the end mark of the transfer, so that clients notice the file is incomplete.
 */
export async function serveFile(exchange: Exchange, { headers, bytes }: AttachmentStream): Promise<void> {
  const { response, gone, limits } = exchange
  const pieces = bytes[Symbol.asyncIterator]()
  try {
    let next = await pieces.next()
    if (gone.aborted) return
    sendFileHeaders(exchange, headers)
    while (next.done !== true) {
      if (!response.write(next.value)) await drained(response, bytes.signal, limits.streamIdleMs)
      bytes.signal.throwIfAborted()
      next = await pieces.next()
    }
    response.end()
  } catch (thrown) {
    if (!response.headersSent) throw thrown
    response.destroy()
  } finally {
    await pieces.return?.()
  }
}

export function sendFileHeaders(exchange: Exchange, headers: AttachmentStream['headers']): void {
  exchange.response.writeHead(200, {
    'content-disposition': 'attachment',
    'content-type': 'application/octet-stream',
    ...headers,
    ...exchange.headers,
    // A browser must not run a file with Hallpass's origin, whatever it contains.
    'Content-Security-Policy': "sandbox; default-src 'none'",
  })
}
