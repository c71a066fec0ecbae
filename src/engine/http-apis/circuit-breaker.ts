import type { Clock } from '../clock.ts'

const MAX_FAILURES = 5
const FIRST_PAUSE_MS = 2_000
const MAX_PAUSE_MS = 60_000

/**
 * If `blocked` is set, no request may be sent for `waitMs`. Otherwise the request may be sent, and `isProbe` marks the
 * one that tests a failing upstream.
 */
type Admission = { blocked: { waitMs: number; reason: string } } | { blocked: null; isProbe: boolean }

/** Stops requests to an upstream that can't be reached, so that callers don't wait: after several failures in a row, none is sent for a while. */
interface CircuitBreaker {
  /** Exactly one of the three methods below must follow an admission. */
  admit(): Admission
  recordAnswer(): void
  /** Records that the upstream couldn't be reached. `reason` is a sentence for people. */
  recordFailure(reason: string, isProbe: boolean): void
  /** Records that the request ended without telling anything about the upstream. */
  release(isProbe: boolean): void
}

export function createCircuitBreaker(clock: Clock): CircuitBreaker {
  let failures = 0
  let pauseMs = FIRST_PAUSE_MS
  let openUntil: number | null = null
  let isProbing = false
  let lastReason = ''

  return {
    admit() {
      if (openUntil === null) return { blocked: null, isProbe: false }
      const waitMs = openUntil - clock.monotonic()
      if (waitMs > 0 || isProbing) return { blocked: { waitMs: Math.max(waitMs, 1_000), reason: lastReason } }
      isProbing = true
      return { blocked: null, isProbe: true }
    },
    recordAnswer() {
      failures = 0
      pauseMs = FIRST_PAUSE_MS
      openUntil = null
      isProbing = false
    },
    recordFailure(reason, isProbe) {
      lastReason = reason
      failures += 1
      if (isProbe) {
        isProbing = false
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)
        openUntil = clock.monotonic() + pauseMs
      } else if (openUntil === null && failures >= MAX_FAILURES) openUntil = clock.monotonic() + pauseMs
    },
    release(isProbe) {
      if (isProbe) isProbing = false
    },
  }
}
