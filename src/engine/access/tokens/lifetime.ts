import type { Clock } from '../../clock.ts'
import type { Store } from '../../store/store.ts'

/** Both ends of a time to live; infinite for a token that never expires. */
export interface Deadline {
  wall: number
  monotonic: number
}

export interface Lifetime {
  /** Wall clock, never lower than the highest seen, in this run or one before. */
  now(): number
  /** For something made at this moment. */
  deadline(expiresAt: number | null): Deadline
  /** For something that stood in the store when this run began. */
  restored(expiresAt: number | null): Deadline
  /** Whichever clock ends it first. */
  isExpired(deadline: Deadline): boolean
  /** Keeps on disk that this deadline has passed, so that a restart with a clock moved back does not revive it. */
  passed(deadline: Deadline): void
  /** Keeps the highest instant seen if it has moved on by enough, or `always`. */
  save(always?: boolean): void
}

const SETTING = 'highest_wall_time'
const SAVE_STEP_MS = 60_000
const LATEST_INSTANT = 8.64e15

/**
 * Time to live by two clocks. The wall clock runs through a night's sleep but may be set back; the monotonic one cannot
 * be set but may stand still while the machine sleeps.
 */
export function createLifetime({ clock, store }: { clock: Clock; store: Store }): Lifetime {
  const kept = Number(store.read.setting(SETTING) ?? 0)
  let saved = Number.isFinite(kept) && kept > 0 && kept <= LATEST_INSTANT ? kept : 0
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
