import type { HallpassError } from '../../contract/errors.ts'
import type { Health } from '../../contract/records.ts'
import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'

/** One call of an upstream, as far as its health goes. */
export interface HealthWatch {
  /** It answered and took the credentials; the time since the watch began is its latency, once. */
  answered(): void
  /** What the caller did wrong says nothing of the upstream. */
  failed(error: HallpassError): void
}

/** What is known of the upstreams, from probes and from the calls themselves. In memory: a restart knows nothing yet. */
export interface ConnectionHealth {
  of(connectionId: number): Health
  /** A caller uses the connection from now on. */
  watch(connectionId: number): HealthWatch
  /** A caller used it, in a way of which nothing else is told. */
  used(connectionId: number): void
  /** When it was used last, in milliseconds since 1970, as far as that is not written yet: uses are written in batches. */
  lastUse(connectionId: number): number | null
  answered(connectionId: number, latencyMs: number): void
  /** A failed call. */
  failed(connectionId: number, error: HallpassError): void
  /** A failed probe: whatever it was, the connection does not work. */
  down(connectionId: number, sentence: string): void
  forget(connectionId: number): void
  /** Writes the uses. */
  flush(): void
  close(): void
}

/** Codes that tell of the upstream, or of the way to it. */
const ILL: readonly string[] = ['GRIST_ERROR', 'UPSTREAM_ERROR', 'UPSTREAM_TIMEOUT', 'SECRET_UNAVAILABLE']
/** A latency that moved is told this seldom, in milliseconds. */
const TELL_EVERY = 3000
const FLUSH_MS = 5000
const UNKNOWN: Health = { state: 'unknown', checked_at: null, latency_ms: null, message: null }

export function createConnectionHealth(parts: {
  clock: Clock
  store: Store
  /** `changed`: its state; else only its figures. */
  onChange: (changed: boolean) => void
}): ConnectionHealth {
  const { clock, store, onChange } = parts
  const known = new Map<number, Health>()
  const uses = new Map<number, number>()
  let reportedAt = -Infinity

  function set(id: number, health: Omit<Health, 'checked_at'>): void {
    const before = known.get(id) ?? UNKNOWN
    known.set(id, { ...health, checked_at: new Date(clock.now()).toISOString() })
    const changed = before.state !== health.state || before.message !== health.message
    const now = clock.monotonic()
    if (!changed && now - reportedAt < TELL_EVERY) return
    reportedAt = now
    onChange(changed)
  }

  function flush(): void {
    if (uses.size === 0) return
    // Cleared after the write: if that fails, the next flush takes them along.
    store.write.touchConnections(uses)
    uses.clear()
  }

  const timer = setInterval(() => {
    try {
      flush()
    } catch {
      // The log stops requests while the store takes no writes, and says why.
    }
  }, FLUSH_MS).unref()

  const down = (id: number, sentence: string): void => set(id, { state: 'down', latency_ms: null, message: sentence })

  function answered(id: number, latencyMs: number): void {
    set(id, { state: 'up', latency_ms: Math.round(latencyMs * 10) / 10, message: null })
  }

  function failed(id: number, error: HallpassError): void {
    if (!error.upstreamBlameless && ILL.includes(error.code)) down(id, error.message)
  }

  return {
    of: (id) => known.get(id) ?? UNKNOWN,
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
