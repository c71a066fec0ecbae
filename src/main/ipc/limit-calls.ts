import { HallpassError } from '../../contract/errors.ts'

export type LimitedCall = <T>(call: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T>

/**
 * Lets `most` calls run at once, a stream counting until it ends; one more is refused. Each stream is a socket of the engine: a page
 * that was taken over would use up the files that the engine may have open, and with them the service of everybody else.
 */
export function limitCalls(most: number): LimitedCall {
  const running = new Set<symbol>()
  return async (call, signal) => {
    if (running.size >= most)
      throw new HallpassError('RATE_LIMITED', 'This window asks for too much at once. Wait until some of it is done.')
    const place = Symbol('call')
    const giveBack = (): void => {
      running.delete(place)
      signal?.removeEventListener('abort', giveBack)
    }
    running.add(place)
    try {
      const output = await call()
      if (!isIterator(output)) {
        giveBack()
        return output
      }
      // Also of a stream that is left before it was read.
      signal?.addEventListener('abort', giveBack)
      if (signal?.aborted === true) giveBack()
      return untilEnd(output, giveBack) as unknown as typeof output
    } catch (thrown) {
      giveBack()
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
