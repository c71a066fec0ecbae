import { setMaxListeners } from 'node:events'
import type { HallpassError } from '../../../contract/errors.ts'
import { RunningSet } from '../../running/running-set.ts'
import type { RunningRequest } from '../access.ts'
import { tokenExpired, tokenEndedMidway } from '../sentences.ts'

/** Running requests of a token or session token, and the signal of its end. */
export interface Life {
  readonly signal: AbortSignal
  readonly ended: boolean
  readonly running: number
  runningOn(connection: string): number
  /** Registers a request and returns an idempotent function that unregisters it. Throws TOKEN_EXPIRED after the end. */
  enter(request?: RunningRequest): () => void
  /** Interrupts every running request and returns their number. Later calls do nothing and return 0. */
  end(error?: HallpassError): number
  /** Interrupts the requests on one connection only. */
  cut(connection: string, error: HallpassError): number
  runningWhere(which: (request: RunningRequest) => boolean): number
  /** Interrupts only the matching requests. */
  cutWhere(which: (request: RunningRequest) => boolean, error: HallpassError): void
  /** Interrupts every running request. The token remains active. */
  interrupt(error: HallpassError): void
}

/** Returns a request that is counted but can't be interrupted. */
function unattended(): RunningRequest {
  return { connection: null, interrupt: () => undefined }
}

export function createLife(): Life {
  const controller = new AbortController()
  // Hundreds of requests can listen at the same time without being a leak.
  setMaxListeners(0, controller.signal)
  const running = new RunningSet<RunningRequest>()

  return {
    signal: controller.signal,
    get ended() {
      return controller.signal.aborted
    },
    get running() {
      return running.size
    },
    runningOn: (connection) => [...running].filter((request) => request.connection === connection).length,
    enter(request = unattended()) {
      if (controller.signal.aborted) throw tokenExpired()
      const place = running.add(request)
      return () => running.remove(place, request)
    },
    end(error = tokenEndedMidway()) {
      if (controller.signal.aborted) return 0
      const requests = running.take(() => true)
      // Interrupts the requests first, so that listeners of the signal find them with their own error.
      for (const request of requests) request.interrupt(error)
      controller.abort(tokenExpired())
      return requests.length
    },
    cut(connection, error) {
      const requests = running.take((request) => request.connection === connection)
      for (const request of requests) request.interrupt(error)
      return requests.length
    },
    runningWhere: (which) => [...running].filter(which).length,
    cutWhere(which, error) {
      for (const request of running.take(which)) request.interrupt(error)
    },
    interrupt(error) {
      for (const request of running) request.interrupt(error)
    },
  }
}
