import type { Clock } from '../../engine/clock.ts'

/**
 * A lifetime that ends by the wall clock or the monotonic clock, whichever is first. Setting the clock back can't
 * extend it, and time asleep counts.
 */
export interface Life {
  isExpired(): boolean
  renew(): void
}

export function startLife(clock: Clock, milliseconds: number): Life {
  let wall = clock.now()
  let monotonic = clock.monotonic()
  return {
    isExpired: () => clock.now() - wall >= milliseconds || clock.monotonic() - monotonic >= milliseconds,
    renew() {
      // Uses the latest wall-clock time seen, in case the clock is set back.
      wall = Math.max(wall, clock.now())
      monotonic = clock.monotonic()
    },
  }
}
