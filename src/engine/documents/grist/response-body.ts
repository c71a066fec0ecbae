import type { Dispatcher } from 'undici'
import { connectionFailure } from './grist-errors.ts'

/** Returns the body as a stream. The signal ends it even if it is never read. */
export function streamed(
  body: Dispatcher.ResponseData['body'],
  signal: AbortSignal,
  server: string,
): AsyncIterable<Uint8Array> {
  const stop = (): unknown => body.destroy()
  // The reader gets the error from reading. Without a listener, an interrupted body that nobody reads would end the process.
  body.on('error', stop)
  body.once('close', () => signal.removeEventListener('abort', stop))
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return readBody(body, signal, server)
}

async function* readBody(
  body: Dispatcher.ResponseData['body'],
  signal: AbortSignal,
  server: string,
): AsyncIterable<Uint8Array> {
  try {
    signal.throwIfAborted()
    yield* body as AsyncIterable<Uint8Array>
    signal.throwIfAborted()
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw connectionFailure(error, server, false)
  } finally {
    body.destroy()
  }
}
