import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'

export interface Retention {
  days: number
  rows: number
}

const DAY = 86_400_000
const HOUR = 3_600_000

/** Deletes old rows at start and every hour, in steps between which requests are served. Answers a function that stops it. */
export function startRetention(store: Store, clock: Clock, retention: Retention): () => void {
  let step: NodeJS.Timeout | null = null

  function prune(): void {
    step = null
    if (deleteSome()) step = setTimeout(prune, 5).unref()
    else trimCounts()
  }

  function trimCounts(): void {
    try {
      store.write.pruneRequestCounts(clock.now(), clock.now() - retention.days * DAY)
    } catch {
      // As below: old counts can wait.
    }
  }

  function deleteSome(): boolean {
    try {
      return store.write.pruneRequests(clock.now() - retention.days * DAY, retention.rows) > 0
    } catch {
      // A store that takes no writes stops requests already; old rows can wait for the next hour.
      return false
    }
  }

  prune()
  const hourly = setInterval(() => {
    if (step === null) prune()
  }, HOUR).unref()
  return () => {
    clearInterval(hourly)
    if (step !== null) clearTimeout(step)
  }
}
