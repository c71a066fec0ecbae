import type { PausedBy } from '../../contract/owner-api.ts'
import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'

/** The names are stored. */
const PAUSED = 'paused'
const SINCE = 'paused_since'
const BY = 'paused_by'

/** Whether all access is paused. A pause survives a restart. */
interface AccessPause {
  readonly on: boolean
  /** Start of the pause, as ISO 8601. Null if access isn't paused, or if an older version paused it. */
  readonly since: string | null
  readonly by: PausedBy | null
  /** Takes effect immediately, even if it can't be stored. Calls `before` in between. An existing pause keeps its time and cause. */
  begin(by: PausedBy, before: () => void): void
  /** Throws, and access stays paused, if the change can't be stored. */
  end(): void
}

export function createAccessPause(store: Pick<Store, 'read' | 'write'>, clock: Clock): AccessPause {
  let on = store.read.setting(PAUSED) === 'yes'
  let since = on ? store.read.setting(SINCE) : null
  let by: PausedBy | null = on ? (store.read.setting(BY) === 'lock' ? 'lock' : 'owner') : null
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
    begin(next, before) {
      if (!on) [since, by] = [new Date(clock.now()).toISOString(), next]
      on = true
      before()
      store.write.setSetting(PAUSED, 'yes')
      if (since !== null) store.write.setSetting(SINCE, since)
      store.write.setSetting(BY, by ?? 'owner')
    },
    end() {
      store.write.setSetting(PAUSED, 'no')
      on = false
      since = null
      by = null
    },
  }
}
