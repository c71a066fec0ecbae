interface Options {
  /** Ends what is over by now. */
  sweep(): void
  /** Writes what is pending. */
  flush(): void
  sweepMs?: number
  flushMs?: number
  onFailure?: (error: unknown) => void
}

/** Timers that never hold the process open. A failure is reported and the work tried again at the next turn. */
export function startHousekeeping({ sweep, flush, sweepMs = 500, flushMs = 5000, onFailure }: Options): {
  flush(): void
  stop(): void
} {
  function attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      onFailure?.(error)
    }
  }
  const timers = [setInterval(attempt, sweepMs, sweep), setInterval(attempt, flushMs, flush)]
  for (const timer of timers) timer.unref()
  return {
    flush,
    stop() {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
