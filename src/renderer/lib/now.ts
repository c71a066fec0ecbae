import { useEffect, useState } from 'react'

type Subscribe = (listener: (now: number) => void) => () => void

/** One timer for all countdowns. It runs only while one is shown. */
function createTicker(stepMs: number): Subscribe {
  const listeners = new Set<(now: number) => void>()
  let timer: ReturnType<typeof setInterval> | undefined
  return (listener) => {
    listeners.add(listener)
    timer ??= setInterval(() => {
      const now = Date.now()
      for (const one of listeners) one(now)
    }, stepMs)
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0) return
      clearInterval(timer)
      timer = undefined
    }
  }
}

const everySecond = createTicker(1000)
const everyHalfMinute = createTicker(30_000)

/** What is drawn takes the time from the clock. A time shared by all would change when the next one is drawn, and draw all again. */
function useTicker(subscribe: Subscribe): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => subscribe(setNow), [subscribe])
  return now
}

/** Returns the current time in milliseconds, updated every second. */
export function useSecond(): number {
  return useTicker(everySecond)
}

/** Returns the current time in milliseconds, updated every 30 s, for texts such as "3 min ago". */
export function useHalfMinute(): number {
  return useTicker(everyHalfMinute)
}

/** IANA name of the viewer's time zone. */
export const VIEWER_TIME_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone

/** Returns the start of the viewer's day. */
export function useMidnight(): string {
  return new Date(new Date(useHalfMinute()).setHours(0, 0, 0, 0)).toISOString()
}
