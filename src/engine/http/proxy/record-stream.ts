import type { ServerResponse } from 'node:http'
import { asHallpassError, errorBody, HallpassError } from '../../../contract/errors.ts'
import type { LoggedRecordStream } from '../../calls/document-streams.ts'
import type { Exchange } from '../exchange.ts'

export const NDJSON_HEADERS = { 'Content-Type': 'application/x-ndjson; charset=utf-8' }

/** How long the last words of a broken stream may take to reach a reader before its socket is destroyed. */
const LAST_WORDS_MS = 1_000

/**
 * Records out, one a line, no faster than they are read. The first piece is awaited before the head is sent, so that an
 * early failure still gets its own status. A later one ends with the error as the last line and without the end mark of
 * the transfer, so that no reader takes what it has for the whole.
 */
export async function serveRecordStream(exchange: Exchange, stream: LoggedRecordStream): Promise<void> {
  const { response, gone } = exchange
  const { signal } = stream
  const pieces = stream[Symbol.asyncIterator]()
  try {
    let next = await pieces.next()
    if (gone.aborted) return
    response.writeHead(200, { ...exchange.headers, ...NDJSON_HEADERS })
    while (next.done !== true) {
      if (!response.write(next.value)) await drained(response, signal, exchange.limits.streamIdleMs)
      signal.throwIfAborted()
      next = await pieces.next()
    }
    response.end()
  } catch (thrown) {
    if (!response.headersSent) throw thrown
    breakOff(exchange, thrown)
  } finally {
    await pieces.return?.()
  }
}

function drained(response: ServerResponse, stop: AbortSignal, idleMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        settle(() =>
          reject(
            new HallpassError(
              'INVALID_REQUEST',
              `The client read no data for ${idleMs / 1000} s, so the stream was closed.`,
            ),
          ),
        ),
      idleMs,
    )
    const onDrain = () => settle(resolve)
    const onStop = () => settle(() => reject(stop.reason))
    const settle = (act: () => void) => {
      clearTimeout(timer)
      response.off('drain', onDrain)
      stop.removeEventListener('abort', onStop)
      act()
    }
    if (stop.aborted) return onStop()
    response.once('drain', onDrain)
    stop.addEventListener('abort', onStop, { once: true })
  })
}

function breakOff(exchange: Exchange, thrown: unknown): void {
  const { response, requestId } = exchange
  const { socket } = response
  if (socket === null || socket.destroyed) return
  const error = asHallpassError(thrown, requestId)
  const timer = setTimeout(() => socket.destroy(), LAST_WORDS_MS)
  socket.once('close', () => clearTimeout(timer))
  response.write(`${JSON.stringify(errorBody(error, requestId))}\n`, () => socket.destroySoon())
}
