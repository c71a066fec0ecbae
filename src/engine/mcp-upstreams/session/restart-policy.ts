import type { Clock } from '../../clock.ts'

const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 60_000
const STEADY_MS = 10_000
/** Number of crashes without a steady run in between that count as a loop. */
const LOOP = 3

/** Decides when a command that keeps crashing is started again. */
export interface RestartPolicy {
  started(): void
  /** `ending` says how the process ended, such as "ended with exit code 1". */
  crashed(ending: string, livedMs: number): void
  steady(): void
  readonly starts: number
  readonly crashes: number
  readonly inLoop: boolean
  readonly lastEnding: string | null
  /** Returns the milliseconds until it may start, or 0. */
  waitMs(): number
}

export function createRestartPolicy(clock: Clock, random: () => number = Math.random): RestartPolicy {
  let starts = 0
  let crashes = 0
  let inARow = 0
  let notBefore = -Infinity
  let lastEnding: string | null = null
  return {
    started() {
      starts += 1
    },
    crashed(ending, livedMs) {
      crashes += 1
      lastEnding = ending
      inARow = livedMs >= STEADY_MS ? 1 : inARow + 1
      // The first crash may be an accident, so it restarts immediately.
      if (inARow === 1) return
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (inARow - 2))
      // A random wait keeps upstreams that crashed together from restarting together.
      notBefore = clock.monotonic() + wait * (0.75 + random() * 0.5)
    },
    steady() {
      inARow = 0
      notBefore = -Infinity
    },
    get starts() {
      return starts
    },
    get crashes() {
      return crashes
    },
    get inLoop() {
      return inARow >= LOOP
    },
    get lastEnding() {
      return lastEnding
    },
    waitMs: () => Math.max(0, Math.ceil(notBefore - clock.monotonic())),
  }
}
