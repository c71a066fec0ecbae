import type { ServerResponse } from 'node:http'
import { asHallpassError, errorBody, HallpassError } from '../../../contract/errors.ts'
import type { LoggedRecordStream } from '../../calls/document-streams.ts'
import type { Exchange } from '../exchange.ts'

export const NDJSON_HEADERS = { 'Content-Type': 'application/x-ndjson; charset=utf-8' }

/** How long the last line of a broken stream may take before its socket is destroyed. */
const LAST_WORDS_MS = 1_000

/**
 * Sends records, one per line, no faster than they are read. The first chunk is awaited before the headers, so that an
 * early failure gets its own status. A later failure is sent as the last line without the chunked encoding's end mark,
 * so that clients notice the response is incomplete.
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

export function drained(response: ServerResponse, stop: AbortSignal, idleMs: number): Promise<void> {
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
    const settle = (run: () => void) => {
      clearTimeout(timer)
      response.off('drain', onDrain)
      stop.removeEventListener('abort', onStop)
      run()
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
