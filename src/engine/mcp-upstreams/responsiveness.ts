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
/** Waits between the first probes of a hung upstream. */
const WAITS_MS = [0, 2000, 5000, 15_000, 30_000]
const LONGEST_WAIT_MS = 60_000

export function createResponsiveness(parts: {
  connection: string
  clock: Clock
  /** Checks for a sign of life within a time limit. Rejects if there is none. */
  probe: () => Promise<void>
}): Responsiveness {
  const { connection, clock, probe } = parts
  let silentSince: number | null = null
  let cancelProbe: () => void = () => undefined
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
    cancelProbe()
    const wait = WAITS_MS[tries] ?? LONGEST_WAIT_MS
    if (wait === 0) void probeNow(tries, since)
    else cancelProbe = clock.after(wait, () => void probeNow(tries, since))
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
      cancelProbe()
    },
    close() {
      closed = true
      cancelProbe()
    },
  }
}
