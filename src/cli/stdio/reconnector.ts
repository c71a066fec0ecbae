import { setTimeout as sleep } from 'node:timers/promises'
import { HallpassError } from '../../contract/errors.ts'

/** An engine that is about to stop may accept a connection and drop it. */
const MAX_ATTEMPTS = 3
const LOOK_MS = { first: 250, longest: 5000 }

export interface Reconnector {
  readonly isConnecting: boolean
  /** Connects to the next engine, which is started if none runs. */
  demand(): void
  /** Starts no engine, since nobody needs one without a request, but notices one that starts. */
  watch(): void
  close(): void
}

/** Brings back a lost connection. */
export function createReconnector(parts: {
  /** Tries once. Does nothing if no engine runs and none may be started. */
  attempt(start: boolean): Promise<void>
  hasRequests(): boolean
  /** Called after each attempt. Returns whether to go on trying. */
  settled(): boolean
  failed(error: HallpassError): void
}): Reconnector {
  let isConnecting = false
  let mayStart = false
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
    } else lookLater(nextLookMs)
  }

  async function tryOnce(): Promise<void> {
    const start = mayStart
    mayStart = false
    try {
      await parts.attempt(start)
      attempts = 0
    } catch (thrown) {
      const error =
        thrown instanceof HallpassError
          ? thrown
          : new HallpassError('UPSTREAM_ERROR', "Couldn't connect to the Hallpass engine.", { cause: thrown })
      attempts += 1
      if (error.code === 'UPSTREAM_ERROR' && attempts < MAX_ATTEMPTS) await sleep(LOOK_MS.first)
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
