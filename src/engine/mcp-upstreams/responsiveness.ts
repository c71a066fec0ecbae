import { HallpassError } from '../../contract/errors.ts'
import type { Clock } from '../clock.ts'

/**
 * Keeps a hung upstream from stalling every call: after one timeout, later calls fail immediately until a probe
 * succeeds.
 */
export interface Responsiveness {
  /** Throws UPSTREAM_TIMEOUT while the upstream doesn't respond. */
  require(): void
  /** Call it when a request timed out. */
  timedOut(): void
  /**
   * Call it when a client canceled a request after a long silence. Only a failed probe shows that the upstream hangs.
   */
  suspected(silentMs: number): void
  /** Call it when the upstream responded. */
  answered(): void
  close(): void
}

const SUSPICIOUS_MS = 10_000
/** Waits between probes of a hung upstream. The last one repeats. */
const WAITS_MS = [0, 2000, 5000, 15_000, 30_000, 60_000]

export function createResponsiveness(parts: {
  connection: string
  clock: Clock
  /** Checks for a sign of life within a time limit. Rejects if there is none. */
  probe: () => Promise<void>
}): Responsiveness {
  const { connection, clock, probe } = parts
  let silentSince: number | null = null
  let timer: NodeJS.Timeout | undefined
  let isProbing = false
  let closed = false

  async function probeNow(tries: number, since: number): Promise<void> {
    isProbing = true
    const isAlive = await probe().then(
      () => true,
      () => false,
    )
    isProbing = false
    if (closed) return
    if (isAlive) {
      silentSince = null
      return
    }
    silentSince ??= since
    schedule(tries + 1, since)
  }

  function schedule(tries: number, since: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => void probeNow(tries, since), WAITS_MS[Math.min(tries, WAITS_MS.length - 1)])
    timer.unref()
  }

  return {
    require() {
      if (silentSince === null) return
      const since = new Date(silentSince).toISOString().replace(/\.\d+Z$/, 'Z')
      throw new HallpassError(
        'UPSTREAM_TIMEOUT',
        `MCP server "${connection}" hasn't responded since ${since}. Hallpass checks it at least once per minute. Try again later, or run hallpass test connection ${connection}`,
        { reason: 'unresponsive', details: { since } },
      )
    },
    timedOut() {
      if (silentSince !== null || closed) return
      silentSince = clock.now()
      schedule(0, silentSince)
    },
    suspected(silentMs) {
      if (silentMs < SUSPICIOUS_MS || silentSince !== null || isProbing || closed) return
      void probeNow(0, clock.now() - silentMs)
    },
    answered() {
      silentSince = null
      clearTimeout(timer)
    },
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
