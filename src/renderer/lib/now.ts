import { useSyncExternalStore } from 'react'

/** One timer for every countdown on the screen, running only while one is shown. */
function createTicker(stepMs: number) {
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setInterval> | undefined
  let now = Date.now()
  return {
    subscribe(listener: () => void) {
      listeners.add(listener)
      now = Date.now()
      timer ??= setInterval(() => {
        now = Date.now()
        for (const one of listeners) one()
      }, stepMs)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
    now: () => now,
  }
}

const seconds = createTicker(1000)
const halfMinutes = createTicker(30_000)

/** The present in milliseconds, renewed every second. */
export function useSecond(): number {
  return useSyncExternalStore(seconds.subscribe, seconds.now)
}

/** The present in milliseconds, renewed every half minute: for "3 minutes ago". */
export function useHalfMinute(): number {
  return useSyncExternalStore(halfMinutes.subscribe, halfMinutes.now)
}
