import type { Clock } from '../../src/engine/clock.ts'

export interface TestClock extends Clock {
  /** Time passes: both clocks go on. */
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

export const TEST_START = Date.UTC(2026, 5, 1, 12, 0, 0)

export function createTestClock(start = TEST_START, monotonicStart = 1000): TestClock {
  let wall = start
  let monotonic = monotonicStart
  return {
    now: () => wall,
    monotonic: () => monotonic,
    advance(milliseconds) {
      wall += milliseconds
      monotonic += milliseconds
    },
    setWall(instant) {
      wall = instant
    },
    moveWall(milliseconds) {
      wall += milliseconds
    },
    advanceMonotonic(milliseconds) {
      monotonic += milliseconds
    },
    sleep(milliseconds) {
      wall += milliseconds
    },
    restarted: () => createTestClock(wall, 50),
  }
}
