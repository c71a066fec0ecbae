import { HallpassError } from '../../contract/errors.ts'

type LimitedCall = <T>(call: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T>

/**
 * Allows `max` concurrent calls and rejects further ones. Streams count until they end. Each stream is a socket of the
 * engine, so a compromised page could exhaust the engine's file descriptors and lock everybody else out.
 */
export function limitCalls(max: number): LimitedCall {
  const running = new Set<symbol>()
  return async (call, signal) => {
    if (running.size >= max)
      throw new HallpassError('RATE_LIMITED', 'Too many requests from this window. Wait a moment, then try again.')
    const place = Symbol('call')
    const release = (): void => {
      running.delete(place)
      signal?.removeEventListener('abort', release)
    }
    running.add(place)
    try {
      const output = await call()
      if (!isIterator(output)) {
        release()
        return output
      }
      // Covers streams that are abandoned before they were read.
      signal?.addEventListener('abort', release)
      if (signal?.aborted === true) release()
      return untilEnd(output, release) as unknown as typeof output
    } catch (thrown) {
      release()
      throw thrown
    }
  }
}

export function isIterator(value: unknown): value is AsyncIterator<unknown, unknown, unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function untilEnd(
  stream: AsyncIterator<unknown, unknown, unknown>,
  ended: () => void,
): AsyncIterableIterator<unknown, unknown, unknown> {
  return {
    async next() {
      try {
        const result = await stream.next()
        if (result.done === true) ended()
        return result
      } catch (thrown) {
        ended()
        throw thrown
      }
    },
    async return(value) {
      ended()
      return (await stream.return?.(value)) ?? { done: true, value }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
