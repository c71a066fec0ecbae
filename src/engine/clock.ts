/** The engine's source of time, which tests can control. */
export interface Clock {
  /** Wall clock in milliseconds since 1970. May jump. */
  now(): number
  /** Milliseconds of a clock that never goes back, from an arbitrary origin. */
  monotonic(): number
  /**
   * Calls `run` once after this many milliseconds of the monotonic clock. Doesn't keep the process alive. Returns a
   * function that cancels it.
   */
  after(milliseconds: number, run: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
