import type { Clock } from '../../engine/clock.ts'

/**
 * A lifetime that ends by the wall clock or the monotonic clock, whichever is first. Setting the clock back can't
 * extend it, and time asleep counts.
 */
export interface Life {
  /** When it was renewed, by the wall clock. */
  readonly renewedAt: number
  isExpired(): boolean
  renew(): void
}

/** Begins a lifetime that was renewed at `wall`, which may be before this process began. */
export function startLife(clock: Clock, milliseconds: number, wall = clock.now()): Life {
  let monotonic = clock.monotonic()
  return {
    get renewedAt() {
      return wall
    },
    isExpired: () => clock.now() - wall >= milliseconds || clock.monotonic() - monotonic >= milliseconds,
    renew() {
      // Uses the latest wall-clock time seen, in case the clock is set back.
      wall = Math.max(wall, clock.now())
      monotonic = clock.monotonic()
    },
  }
}
