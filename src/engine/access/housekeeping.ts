interface Options {
  /** Ends what has expired. */
  sweep(): void
  /** Writes what is pending. */
  flush(): void
  sweepMs?: number
  flushMs?: number
  onFailure?: (error: unknown) => void
}

/** Starts timers that don't keep the process alive. A failure is reported, and the next run tries again. */
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
