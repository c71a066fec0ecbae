import { systemClock, type Clock } from '../../src/engine/clock.ts'

export interface TestClock extends Clock {
  /** Time passes on both clocks; timers that fall due run. */
  advance(milliseconds: number): void
  /** Someone sets the wall clock, forth or back. */
  setWall(instant: number): void
  moveWall(milliseconds: number): void
  /** Time passes for the monotonic clock alone, as under a wall clock that is held back. */
  advanceMonotonic(milliseconds: number): void
  /** The machine sleeps: the wall clock goes on, the monotonic one stands still. */
  sleep(milliseconds: number): void
  /** What a new process on this machine sees: the same wall clock, another start of the monotonic one. */
  restarted(): TestClock
}

/** The system's clock, which a test can put forward. A whole engine can use it, because its timers run on real time too. */
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

  /** Runs what falls due on the way, in order and at its own time, also what that starts anew. */
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
