import type { Clock } from '../../../clock.ts'

/** Returns a function that tells how many milliseconds this thread has waited since, for the disk or for a processor. */
export function startWaiting(clock: Pick<Clock, 'monotonic'>): () => number {
  const from = clock.monotonic()
  const before = process.threadCpuUsage()
  return () => {
    const { user, system } = process.threadCpuUsage(before)
    return Math.max(0, clock.monotonic() - from - (user + system) / 1000)
  }
}
