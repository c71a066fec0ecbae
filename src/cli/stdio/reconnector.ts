import { setTimeout as sleep } from 'node:timers/promises'
import { HallpassError } from '../../contract/errors.ts'

/** An engine that is about to stop can accept a connection and drop it. */
const MAX_ATTEMPTS = 3
const LOOK_MS = { first: 250, longest: 5000 }

/** Reason of an error that another attempt can't change. */
export const HOPELESS = 'engine_replaced'

interface Reconnector {
  readonly isConnecting: boolean
  /** Connects to the next engine and starts one if necessary. */
  demand(): void
  /** Waits for an engine without starting one, because none is needed without a request. */
  watch(): void
  close(): void
}

/** Restores a lost connection. */
export function createReconnector(parts: {
  /** Makes one attempt. Does nothing if no engine runs and `start` is false. */
  attempt(start: boolean): Promise<void>
  hasRequests(): boolean
  /** Called after each attempt. Returns whether to try again. */
  settled(): boolean
  failed(error: HallpassError): void
}): Reconnector {
  let isConnecting = false
  let mayStart = false
  /** Looking again doesn't help, as after a change of the protocol version. Only a request tries again. */
  let isHopeless = false
  let attempts = 0
  let timer: NodeJS.Timeout | undefined

  async function connect(nextLookMs: number): Promise<void> {
    if (isConnecting) return
    clearTimeout(timer)
    isConnecting = true
    await tryOnce()
    isConnecting = false
    if (!parts.settled()) return
    if (parts.hasRequests()) {
      mayStart = true
      void connect(LOOK_MS.first)
    } else if (!isHopeless) lookLater(nextLookMs)
  }

  async function tryOnce(): Promise<void> {
    const start = mayStart
    mayStart = false
    isHopeless = false
    try {
      await parts.attempt(start)
      attempts = 0
    } catch (thrown) {
      const error =
        thrown instanceof HallpassError
          ? thrown
          : new HallpassError('UPSTREAM_ERROR', "Couldn't connect to the Hallpass engine.", { cause: thrown })
      attempts += 1
      isHopeless = error.reason === HOPELESS
      if (!isHopeless && error.code === 'UPSTREAM_ERROR' && attempts < MAX_ATTEMPTS) await sleep(LOOK_MS.first)
      else {
        attempts = 0
        parts.failed(error)
      }
    }
  }

  function lookLater(ms: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => void connect(Math.min(ms * 2, LOOK_MS.longest)), ms)
  }

  return {
    get isConnecting() {
      return isConnecting
    },
    demand() {
      mayStart = true
      void connect(LOOK_MS.first)
    },
    watch: () => lookLater(LOOK_MS.first),
    close: () => clearTimeout(timer),
  }
}
