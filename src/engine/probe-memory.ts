import type { Clock } from './clock.ts'

/** The outcome of a probe that may be slow or ask a person: remembered, and asked for anew at most this often. */
const ASK_EVERY_MS = 15_000

export interface ProbeMemory {
  /** As it was found last; true until the first answer. Looking at it may start a probe. */
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
