import type { Clock } from '../../clock.ts'
import type { Store } from '../../store/store.ts'

/** An expiry by both clocks. Infinite for a token that never expires. */
export interface Deadline {
  wall: number
  monotonic: number
}

export interface Lifetime {
  /** Returns the wall-clock time, but never less than the latest time seen in this run or an earlier one. */
  now(): number
  /** Returns the deadline of something created now. */
  deadline(expiresAt: number | null): Deadline
  /** Returns the deadline of something that was stored before this run. */
  restored(expiresAt: number | null): Deadline
  /** Returns true if either clock has passed the deadline. */
  isExpired(deadline: Deadline): boolean
  /** Records on disk that this deadline has passed, so that a restart with the clock set back doesn't revive it. */
  passed(deadline: Deadline): void
  /** Stores the latest time seen, if it has advanced enough or `always` is set. */
  save(always?: boolean): void
}

const SETTING = 'highest_wall_time'
const SAVE_STEP_MS = 60_000
const LATEST_INSTANT = 8.64e15

/**
 * Measures lifetimes by two clocks. The wall clock continues during sleep but can be set back. The monotonic clock
 * can't be set but may stop during sleep.
 */
export function createLifetime({ clock, store }: { clock: Clock; store: Store }): Lifetime {
  const stored = Number(store.read.setting(SETTING) ?? 0)
  let saved = Number.isFinite(stored) && stored > 0 && stored <= LATEST_INSTANT ? stored : 0
  let highest = Math.max(saved, clock.now())
  const startWall = highest
  const startMonotonic = clock.monotonic()

  function now(): number {
    highest = Math.max(highest, clock.now())
    return highest
  }

  function keep(instant: number): void {
    if (instant <= saved || instant > LATEST_INSTANT) return
    store.write.setSetting(SETTING, String(Math.ceil(instant)))
    saved = Math.ceil(instant)
  }

  return {
    now,
    deadline: (expiresAt) =>
      expiresAt === null
        ? { wall: Infinity, monotonic: Infinity }
        : { wall: expiresAt, monotonic: clock.monotonic() + (expiresAt - now()) },
    restored: (expiresAt) =>
      expiresAt === null
        ? { wall: Infinity, monotonic: Infinity }
        : { wall: expiresAt, monotonic: startMonotonic + (expiresAt - startWall) },
    isExpired: (deadline) => now() >= deadline.wall || clock.monotonic() >= deadline.monotonic,
    passed(deadline) {
      if (deadline.wall > saved) keep(Math.max(now(), deadline.wall))
    },
    save(always = false) {
      const elapsed = startWall + clock.monotonic() - startMonotonic
      const instant = Math.max(now(), elapsed)
      if (always || instant - saved >= SAVE_STEP_MS) keep(instant)
    },
  }
}
