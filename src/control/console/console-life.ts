import type { Clock } from '../../engine/clock.ts'

/**
 * A span of time that ends by the wall clock or the monotonic one, whichever comes first: a clock set back gives it no second
 * life, and a night's sleep ends it.
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
      // A wall clock that was set back stays held against the highest instant seen.
      wall = Math.max(wall, clock.now())
      monotonic = clock.monotonic()
    },
  }
}
