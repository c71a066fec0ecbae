import type { Clock } from '../../../clock.ts'

/**
 * Returns a function that tells how many milliseconds this thread has waited since, for the disk or for a processor. Can be below 0,
 * because some systems count processor time in steps of 15 ms: the sum of many is right.
 */
export function startWaiting(clock: Pick<Clock, 'monotonic'>): () => number {
  const from = clock.monotonic()
  const before = usedMs()
  return () => (before === null ? 0 : clock.monotonic() - from - ((usedMs() ?? before) - before))
}

/** Returns the processor time of this thread in milliseconds, or null where the system doesn't tell. */
function usedMs(): number | null {
  try {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  } catch {
    return null
  }
}
