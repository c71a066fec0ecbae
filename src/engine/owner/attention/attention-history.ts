import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import type { Clock } from '../../clock.ts'
import type { Store } from '../../store/store.ts'
import type { Cause } from './open-causes.ts'

/** Remembers items that ended, also across restarts. */
export interface AttentionHistory {
  /** Notes what is open now. What was open before and no longer is has ended. */
  see(open: readonly Cause[]): void
  /** Returns the items that ended in the last 30 days and aren't open again, newest first. */
  ended(): AttentionItem[]
  /** Writes the newest counts of open items. */
  close(): void
}

type Ended = Cause & { ended_at: string }
interface Stored {
  open: Cause[]
  ended: Ended[]
}

const SETTING = 'attention_history'
const MAX_ENDED = 200
const MAX_OPEN = 500
const LONGEST_MS = 30 * 24 * 60 * 60_000

interface HistoryParts {
  store: Store
  clock: Clock
  /** Whether it can't be told yet if an item that was open has ended. */
  isUndecided: (cause: Cause) => boolean
}

export function createAttentionHistory({ store, clock, isUndecided }: HistoryParts): AttentionHistory {
  const text = store.read.setting(SETTING)
  let { open, ended } = text === null ? { open: [], ended: [] } : (JSON.parse(text) as Stored)
  // Counts of open items change often and are written at the end.
  let mustWrite = false
  let isChanged = false

  function isRecent({ ended_at: at }: Ended): boolean {
    return clock.now() - Date.parse(at) <= LONGEST_MS
  }

  function write(): void {
    try {
      store.write.setSetting(SETTING, JSON.stringify({ open, ended } satisfies Stored))
      mustWrite = isChanged = false
    } catch {
      // While the store can't be written, an item of its own says so. The next look tries again.
      mustWrite = true
    }
  }

  return {
    see(causes) {
      const ids = new Set(causes.map(({ id }) => id))
      const known = new Set(open.map(({ id }) => id))
      const at = new Date(clock.now()).toISOString()
      const missing = open.filter(({ id }) => !ids.has(id))
      const held = missing.filter(isUndecided)
      const gone = missing.filter((one) => !held.includes(one)).map((cause): Ended => ({ ...cause, ended_at: at }))
      const isNew = causes.slice(0, MAX_OPEN).some(({ id }) => !known.has(id))
      open = [...causes, ...held].slice(0, MAX_OPEN)
      isChanged = true
      if (gone.length > 0 || isNew) {
        // An item that opens again is open, and stands in one list only.
        const replaced = new Set([...ids, ...gone.map(({ id }) => id)])
        ended = [...gone, ...ended.filter((one) => isRecent(one) && !replaced.has(one.id))].slice(0, MAX_ENDED)
        mustWrite = true
      }
      if (mustWrite) write()
    },
    ended: () => ended.filter(isRecent).map(({ mark: _mark, ...item }) => ({ ...item, snoozed_until: null })),
    close() {
      if (mustWrite || (isChanged && open.length > 0)) write()
    },
  }
}
