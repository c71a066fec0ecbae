/** Longest wait for another program's lock, in the queue and in SQLite together. */
const LOCK_MS = 5_000
const MIN_LOCK_MS = 100
const LOCK_STEP_MS = 250

/** Returns how long a job may wait for another program's lock. Rounded to steps, because each new value needs a call of SQLite. */
export function lockWait(waitedMs: number): number {
  return Math.max(MIN_LOCK_MS, LOCK_MS - Math.floor(waitedMs / LOCK_STEP_MS) * LOCK_STEP_MS)
}
