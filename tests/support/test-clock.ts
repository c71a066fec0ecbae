import { systemClock, type Clock } from '../../src/engine/clock.ts'

export interface TestClock extends Clock {
  /** Advances both clocks and runs the timers that are due. */
  advance(milliseconds: number): void
  /** Sets the wall clock, forward or back. */
  setWall(instant: number): void
  moveWall(milliseconds: number): void
  /** Advances only the monotonic clock, as if the wall clock were stopped. */
  advanceMonotonic(milliseconds: number): void
  /** Advances only the wall clock, like a sleep of the computer. */
  sleep(milliseconds: number): void
  /** Returns the clock of a new process: the same wall clock, with another start of the monotonic clock. */
  restarted(): TestClock
}

/** Creates the system's clock, which a test can set forward. An engine can use it, because its timers also run on real time. */
export function createForwardClock(): Clock & { forward(milliseconds: number): void } {
  let ahead = 0
  const timers = new Set<{ due: number; run: () => void }>()
  const monotonic = (): number => systemClock.monotonic() + ahead
  return {
    now: () => systemClock.now() + ahead,
    monotonic,
    after(milliseconds, run) {
      const timer = { due: monotonic() + milliseconds, run: once }
      const cancelTimer = systemClock.after(milliseconds, once)
      timers.add(timer)
      function once(): void {
        cancel()
        run()
      }
      function cancel(): void {
        timers.delete(timer)
        cancelTimer()
      }
      return cancel
    },
    forward(milliseconds) {
      ahead += milliseconds
      for (const timer of [...timers].toSorted((one, other) => one.due - other.due))
        if (timer.due <= monotonic() && timers.has(timer)) timer.run()
    },
  }
}

export const TEST_START = Date.UTC(2026, 5, 1, 12, 0, 0)

export function createTestClock(start = TEST_START, monotonicStart = 1000): TestClock {
  let wall = start
  let monotonic = monotonicStart
  const timers = new Set<{ due: number; run: () => void }>()

  /** Runs timers that are due, in order and each at its own time, including timers that they start. */
  function pass(milliseconds: number, movesWall: boolean): void {
    const until = monotonic + milliseconds
    const moveTo = (instant: number): void => {
      if (movesWall) wall += instant - monotonic
      monotonic = instant
    }
    for (;;) {
      const [next] = [...timers].filter(({ due }) => due <= until).toSorted((one, other) => one.due - other.due)
      if (next === undefined) break
      timers.delete(next)
      moveTo(Math.max(next.due, monotonic))
      next.run()
    }
    moveTo(until)
  }

  return {
    now: () => wall,
    monotonic: () => monotonic,
    after(milliseconds, run) {
      const timer = { due: monotonic + milliseconds, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance: (milliseconds) => pass(milliseconds, true),
    setWall(instant) {
      wall = instant
    },
    moveWall(milliseconds) {
      wall += milliseconds
    },
    advanceMonotonic: (milliseconds) => pass(milliseconds, false),
    sleep(milliseconds) {
      wall += milliseconds
    },
    restarted: () => createTestClock(wall, 50),
  }
}
