import { HallpassError } from '../../contract/errors.ts'
import { abortSignalOf, type LightAbort } from '../interruption.ts'
import { createTurns } from '../running/turns.ts'

const MAX_QUEUED = 2_000

/** Limits concurrent requests to one upstream, and shares the slots between tokens. */
interface RequestQueue {
  /**
   * Returns null if a slot was free, otherwise a promise that resolves with one. It rejects with the signal's reason or
   * if the wait is too long.
   */
  enter(signal: AbortSignal | LightAbort, key: string | undefined): Promise<void> | null
  leave(key: string | undefined): void
}

export function createRequestQueue({
  origin,
  concurrency,
  timeoutMs,
}: {
  origin: string
  concurrency: number
  timeoutMs: number
}): RequestQueue {
  // No single token can use the last quarter of the slots, so that its hanging requests don't lock out the others.
  const turns = createTurns(concurrency, { reserve: Math.floor(concurrency / 4) })

  async function wait(signal: AbortSignal | LightAbort, key: string | undefined): Promise<void> {
    if (turns.waiting >= MAX_QUEUED)
      throw new HallpassError(
        'UPSTREAM_ERROR',
        `Too many queued requests for ${origin}: ${concurrency} are running and ${MAX_QUEUED} are queued. Try again later.`,
        { upstreamBlameless: true },
      )
    const deadline = AbortSignal.timeout(timeoutMs)
    try {
      await turns.wait(AbortSignal.any([abortSignalOf(signal), deadline]), key)
    } catch (thrown) {
      if (signal.aborted || !deadline.aborted) throw thrown
      throw new HallpassError(
        'UPSTREAM_TIMEOUT',
        `The request was queued for ${timeoutMs / 1000} s and timed out. ${origin} allows ${concurrency} concurrent requests.`,
        { upstreamBlameless: true },
      )
    }
  }

  return {
    enter: (signal, key) => (turns.takeNow(key) ? null : wait(signal, key)),
    leave: (key) => turns.done(key),
  }
}
