import type { Clock } from '../clock.ts'

const FAILURES = 5
const FIRST_REST_MS = 2_000
const LONGEST_REST_MS = 60_000

/** `refused`: nothing goes out for so long, and why. Else the request goes out; `probe` marks the one that tries an upstream that rests. */
export type Admission = { refused: { waitMs: number; reason: string } } | { refused: null; probe: boolean }

/** Spares an upstream that cannot be reached, and its callers the wait: after some failures in a row, nothing goes out for a while. */
export interface CircuitBreaker {
  admit(): Admission
  /** Exactly one of these follows an admission. */
  answered(): void
  /** It could not be reached. `reason` is a sentence for people. */
  failed(reason: string, probe: boolean): void
  /** The request ended without telling anything of the upstream. */
  undecided(probe: boolean): void
}

export function createCircuitBreaker(clock: Clock): CircuitBreaker {
  let failures = 0
  let restMs = FIRST_REST_MS
  let openUntil: number | null = null
  let probing = false
  let reason = ''

  return {
    admit() {
      if (openUntil === null) return { refused: null, probe: false }
      const waitMs = openUntil - clock.monotonic()
      if (waitMs > 0 || probing) return { refused: { waitMs: Math.max(waitMs, 1_000), reason } }
      probing = true
      return { refused: null, probe: true }
    },
    answered() {
      failures = 0
      restMs = FIRST_REST_MS
      openUntil = null
      probing = false
    },
    failed(why, probe) {
      reason = why
      failures += 1
      if (probe) {
        probing = false
        restMs = Math.min(restMs * 2, LONGEST_REST_MS)
        openUntil = clock.monotonic() + restMs
      } else if (openUntil === null && failures >= FAILURES) openUntil = clock.monotonic() + restMs
    },
    undecided(probe) {
      if (probe) probing = false
    },
  }
}
