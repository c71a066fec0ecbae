/** Time as the engine sees it, so that tests can move it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. May jump. */
  now(): number
  /** Milliseconds of a clock that never goes back, from an arbitrary start. */
  monotonic(): number
  /** Calls `run` once, after so many milliseconds of the monotonic clock, without keeping the process alive. Returns how to cancel. */
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
