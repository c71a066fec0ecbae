import { useSyncExternalStore } from 'react'

/** One timer for all countdowns. It runs only while one is shown. */
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

/** Returns the current time in milliseconds, updated every second. */
export function useSecond(): number {
  return useSyncExternalStore(seconds.subscribe, seconds.now)
}

/** Returns the current time in milliseconds, updated every 30 s, for texts such as "3 min ago". */
export function useHalfMinute(): number {
  return useSyncExternalStore(halfMinutes.subscribe, halfMinutes.now)
}

/** IANA name of the viewer's time zone. */
export const VIEWER_TIME_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone

/** Returns the start of the viewer's day. */
export function useMidnight(): string {
  return new Date(new Date(useHalfMinute()).setHours(0, 0, 0, 0)).toISOString()
}
