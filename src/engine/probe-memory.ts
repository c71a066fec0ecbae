import type { Clock } from './clock.ts'

/** Result of a check that may be slow or ask a person. It is cached and repeated at most this often. */
const ASK_EVERY_MS = 15_000

export interface ProbeMemory {
  /** Last known result, true until the first one. Reading it may start a check. */
  readonly ok: boolean
}

export function createProbeMemory(parts: {
  probe: () => Promise<void>
  clock: Clock
  onChange: () => void
}): ProbeMemory {
  let ok = true
  let requestedAt = -Infinity
  let asking = false

  async function ask(): Promise<void> {
    asking = true
    requestedAt = parts.clock.monotonic()
    const found = await parts.probe().then(
      () => true,
      () => false,
    )
    asking = false
    if (found === ok) return
    ok = found
    parts.onChange()
  }

  return {
    get ok() {
      if (!asking && parts.clock.monotonic() - requestedAt >= ASK_EVERY_MS) void ask()
      return ok
    },
  }
}
