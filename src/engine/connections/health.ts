import type { HallpassError } from '../../contract/errors.ts'
import type { Health } from '../../contract/records.ts'
import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'

/** Observes one call for the health of its upstream. */
interface HealthWatch {
  /** The upstream responded and accepted the credentials. The first call also sets the latency. */
  answered(): void
  /** Errors of the caller don't affect the upstream's health. */
  failed(error: HallpassError): void
}

/** Health of the upstreams, from tests and calls. In memory only, so it is unknown after a restart. */
export interface ConnectionHealth {
  of(connectionId: number): Health
  /** Starts observing a caller's use of the connection. */
  watch(connectionId: number): HealthWatch
  /** Records a use without an outcome. */
  used(connectionId: number): void
  /** Returns the last use, in milliseconds since 1970, if it isn't written yet. Uses are written in batches. */
  lastUse(connectionId: number): number | null
  answered(connectionId: number, latencyMs: number): void
  /** Records a failed call. */
  failed(connectionId: number, error: HallpassError): void
  /** Records a failed test. Whatever the reason, the connection doesn't work. */
  down(connectionId: number, sentence: string): void
  forget(connectionId: number): void
  /** Writes the uses. */
  flush(): void
  close(): void
}

/** Codes that say something about the upstream or the route to it. */
const ILL: readonly string[] = ['GRIST_ERROR', 'UPSTREAM_ERROR', 'UPSTREAM_TIMEOUT', 'SECRET_UNAVAILABLE']
/** Minimum time between announcements of a changed latency, in milliseconds. */
const TELL_EVERY = 3000
const FLUSH_MS = 5000
/** The last finding about an upstream, and its time. */
type Found = Omit<Health, 'checked_at' | 'failing_since'> & { at: number; failingSince: number | null }
const UNKNOWN: Health = { state: 'unknown', checked_at: null, latency_ms: null, message: null, failing_since: null }

export function createConnectionHealth(parts: {
  clock: Clock
  store: Store
  /** `changed` is true if the state changed, false if only figures did. */
  onChange: (changed: boolean) => void
}): ConnectionHealth {
  const { clock, store, onChange } = parts
  const known = new Map<number, Found>()
  const uses = new Map<number, number>()
  let reportedAt = -Infinity

  function set(id: number, state: Health['state'], latency_ms: number | null, message: string | null): void {
    const last = known.get(id)
    const before = last ?? UNKNOWN
    const at = clock.now()
    const failingSince = state === 'down' ? (last?.failingSince ?? at) : null
    known.set(id, { state, latency_ms, message, at, failingSince })
    const changed = before.state !== state || before.message !== message
    const now = clock.monotonic()
    if (!changed && now - reportedAt < TELL_EVERY) return
    reportedAt = now
    onChange(changed)
  }

  function flush(): void {
    if (uses.size === 0) return
    // Cleared after the write, so that a failed write is repeated at the next flush.
    store.write.touchConnections(uses)
    uses.clear()
  }

  const timer = setInterval(() => {
    try {
      flush()
    } catch {
      // While the store can't be written, the log stops requests and says why.
    }
  }, FLUSH_MS).unref()

  const down = (id: number, sentence: string): void => set(id, 'down', null, sentence)

  function answered(id: number, latencyMs: number): void {
    set(id, 'up', Math.round(latencyMs * 10) / 10, null)
  }

  function failed(id: number, error: HallpassError): void {
    if (!error.upstreamBlameless && ILL.includes(error.code)) down(id, error.message)
  }

  return {
    of(id) {
      const found = known.get(id)
      if (found === undefined) return UNKNOWN
      const { at, failingSince, ...health } = found
      return {
        ...health,
        checked_at: new Date(at).toISOString(),
        failing_since: failingSince === null ? null : new Date(failingSince).toISOString(),
      }
    },
    used: (id) => void uses.set(id, clock.now()),
    watch(id) {
      uses.set(id, clock.now())
      const start = clock.monotonic()
      let reported = false
      return {
        answered() {
          if (!reported) answered(id, clock.monotonic() - start)
          reported = true
        },
        failed: (error) => failed(id, error),
      }
    },
    lastUse: (id) => uses.get(id) ?? null,
    answered,
    failed,
    down,
    forget(id) {
      known.delete(id)
      uses.delete(id)
    },
    flush,
    close() {
      clearInterval(timer)
      flush()
    },
  }
}
