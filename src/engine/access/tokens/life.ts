import { setMaxListeners } from 'node:events'
import type { RunningRequest } from '../access.ts'
import { tokenEnded } from '../sentences.ts'

/** The running requests of one token or session token, and the signal that ends them. */
export interface Life {
  readonly signal: AbortSignal
  readonly ended: boolean
  readonly running: number
  runningOn(connection: string): number
  /** Throws TOKEN_EXPIRED when it is over. The answer takes the request out again; a second call does nothing. */
  enter(request?: RunningRequest): () => void
  /** Cuts off what runs; answers how much. A second call does nothing and answers 0. */
  end(): number
  /** Cuts off what runs on one connection, without ending the rest. */
  cut(connection: string): number
}

export function createLife(): Life {
  const controller = new AbortController()
  // Hundreds of requests may listen at once; that is no leak.
  setMaxListeners(0, controller.signal)
  const running = new Set<{ request: RunningRequest | undefined }>()

  return {
    signal: controller.signal,
    get ended() {
      return controller.signal.aborted
    },
    get running() {
      return running.size
    },
    runningOn: (connection) => [...running].filter((entry) => entry.request?.connection === connection).length,
    enter(request) {
      if (controller.signal.aborted) throw tokenEnded()
      const entry = { request }
      running.add(entry)
      return () => {
        running.delete(entry)
      }
    },
    end() {
      if (controller.signal.aborted) return 0
      const count = running.size
      running.clear()
      controller.abort(tokenEnded())
      return count
    },
    cut(connection) {
      let count = 0
      for (const entry of running) {
        if (entry.request?.connection !== connection) continue
        running.delete(entry)
        entry.request.controller.abort(tokenEnded())
        count += 1
      }
      return count
    },
  }
}
