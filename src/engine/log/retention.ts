import type { Clock } from '../clock.ts'
import type { RequestStore } from '../store/requests/request-store.ts'

export interface Retention {
  days: number
  rows: number
}

const DAY = 86_400_000
const HOUR = 3_600_000
/** Delays the first run, so that it doesn't slow down the start. */
const FIRST_LOOK = 250
/** A reduced limit takes effect within a minute. */
const LOOK_EVERY = 30_000
/** Pause between slices of a few milliseconds, so that requests are served. */
const PAUSE = 10

/**
 * Deletes old rows at the start and regularly afterward, in slices between which requests are served. Returns a
 * function that stops it.
 */
export function startRetention(requests: RequestStore, clock: Clock, retention: Retention): () => void {
  let timer: NodeJS.Timeout | null = null
  let stopped = false
  let countsTrimmed = -Infinity

  async function prune(): Promise<void> {
    timer = null
    let removed = 0
    try {
      removed = await requests.prune(clock.now() - retention.days * DAY, retention.rows)
      if (removed === 0 && clock.monotonic() - countsTrimmed >= HOUR) {
        await requests.pruneCounts(clock.now(), clock.now() - retention.days * DAY)
        countsTrimmed = clock.monotonic()
      }
    } catch {
      // If the store can't be written, requests are already rejected, and old rows can wait.
      removed = 0
    }
    if (!stopped) timer = setTimeout(() => void prune(), removed > 0 ? PAUSE : LOOK_EVERY).unref()
  }

  timer = setTimeout(() => void prune(), FIRST_LOOK).unref()
  return () => {
    stopped = true
    if (timer !== null) clearTimeout(timer)
  }
}
