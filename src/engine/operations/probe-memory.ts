import { HallpassError } from '../../contract/errors.ts'
import type { Clock } from '../clock.ts'

/** Result of a check that may be slow or ask a person. It is cached and repeated at most this often. */
const ASK_EVERY_MS = 15_000

export interface ProbeMemory {
  /** Last known result, true until the first one. Reading it may start a check. */
  readonly ok: boolean
  /** The sentence of the last failure. Null while `ok`. */
  readonly problem: string | null
  /** Checks now, or waits for the check that runs. Returns the sentence of a failure, or null. */
  check(): Promise<string | null>
}

export function createProbeMemory(parts: {
  probe: () => Promise<void>
  clock: Clock
  onChange: () => void
}): ProbeMemory {
  let ok = true
  let problem: string | null = null
  let requestedAt = -Infinity
  let running: Promise<string | null> | null = null

  async function ask(): Promise<string | null> {
    requestedAt = parts.clock.monotonic()
    const found = await parts.probe().then(() => null, sentenceOf)
    running = null
    if (found === problem) return found
    problem = found
    ok = found === null
    parts.onChange()
    return found
  }
  const check = (): Promise<string | null> => (running ??= ask())

  return {
    get ok() {
      if (parts.clock.monotonic() - requestedAt >= ASK_EVERY_MS) void check()
      return ok
    },
    get problem() {
      return problem
    },
    check,
  }
}

/** Returns the sentence for the owner. Errors of other classes have none. */
function sentenceOf(thrown: unknown): string {
  return thrown instanceof HallpassError ? thrown.message : "The secret store isn't working. Restart Hallpass."
}
