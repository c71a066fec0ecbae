/** Time as the engine sees it, so that tests can move it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. May jump. */
  now(): number
  /** Milliseconds of a clock that never goes back, from an arbitrary start. */
  monotonic(): number
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
