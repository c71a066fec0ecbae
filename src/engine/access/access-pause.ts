import type { PausedBy } from '../../contract/owner-api.ts'
import type { PausedTime } from '../../contract/request-counts.ts'
import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'

/** The names are stored. */
const PAUSED = 'paused'
const SINCE = 'paused_since'
const BY = 'paused_by'
const BEFORE = 'paused_before'

/** As long as counts are kept. */
const KEPT_MS = 35 * 24 * 60 * 60_000
const MAX_KEPT = 500

/** Whether all access is paused. A pause survives a restart. */
interface AccessPause {
  readonly on: boolean
  /** Start of the pause, as ISO 8601. Null if access isn't paused, or if an older version paused it. */
  readonly since: string | null
  readonly by: PausedBy | null
  /** Returns the pauses of the last 35 days that overlap a time, oldest first, with the current one. */
  within(from: number, to: number): PausedTime[]
  /** Takes effect immediately, even if it can't be stored. Calls `interrupt` in between. An existing pause keeps its time and cause. */
  begin(by: PausedBy, interrupt: () => void): void
  /** Throws, and access stays paused, if the change can't be stored. */
  end(): void
}

export function createAccessPause(store: Pick<Store, 'read' | 'write'>, clock: Clock): AccessPause {
  let on = store.read.setting(PAUSED) === 'yes'
  let since = on ? store.read.setting(SINCE) : null
  let by: PausedBy | null = on ? (store.read.setting(BY) === 'lock' ? 'lock' : 'owner') : null

  /** Without the current one, whose end may have been stored although access stayed paused. */
  function before(): PausedTime[] {
    const all = JSON.parse(store.read.setting(BEFORE) ?? '[]') as PausedTime[]
    return all.filter(({ from }) => from !== since)
  }
  function remember(ended: PausedTime): void {
    const oldest = clock.now() - KEPT_MS
    const kept = [...before(), ended].filter(({ to }) => to !== null && Date.parse(to) > oldest)
    store.write.setSetting(BEFORE, JSON.stringify(kept.slice(-MAX_KEPT)))
  }

  return {
    get on() {
      return on
    },
    get since() {
      return since
    },
    get by() {
      return by
    },
    within(from, to) {
      const all = since === null ? before() : [...before(), { from: since, to: null }]
      return all.filter((one) => Date.parse(one.from) < to && (one.to === null || Date.parse(one.to) > from))
    },
    begin(next, interrupt) {
      if (!on) [since, by] = [new Date(clock.now()).toISOString(), next]
      on = true
      interrupt()
      if (since !== null) store.write.setSetting(SINCE, since)
      store.write.setSetting(BY, by ?? 'owner')
      // Last, so that it never has the time of an earlier pause.
      store.write.setSetting(PAUSED, 'yes')
    },
    end() {
      if (since !== null) remember({ from: since, to: new Date(clock.now()).toISOString() })
      store.write.setSetting(PAUSED, 'no')
      on = false
      since = null
      by = null
    },
  }
}
