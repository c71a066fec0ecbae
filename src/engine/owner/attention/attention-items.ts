import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { ATTENTION_GROUPS } from '../../../contract/owner-api/attention-kinds.ts'
import type { TokenRecord } from '../../../contract/records.ts'
import type { OwnerParts } from '../owner-parts.ts'
import { createAttentionHistory } from './attention-history.ts'
import { findDriftedEntries } from './drifted-entries.ts'
import { openCauses, type Cause } from './open-causes.ts'
import { readSnoozes, type Snooze } from './snoozes.ts'

/** What needs the owner, and what no longer does. */
export interface Attention {
  /** Returns open and snoozed items most urgent first, resolved ones newest first. */
  items(state: 'open' | 'snoozed' | 'resolved', tokens?: readonly TokenRecord[]): Promise<AttentionItem[]>
  causes(tokens?: readonly TokenRecord[]): Promise<Cause[]>
}

/** Items also end while nobody looks. */
const LOOK_EVERY_MS = 30_000

/** Derives open items from their causes. Only snoozes and ended items are stored. */
export function createAttention(parts: OwnerParts): Attention {
  const { store, clock, closers, health } = parts
  /** After a restart nobody knows yet whether a connection that was down is up. */
  const isUndecided = ({ kind, subject }: Cause): boolean => {
    const row = kind === 'connection_down' ? store.read.connection(subject.connection ?? '') : null
    return row !== null && health.of(row.id).state === 'unknown'
  }
  const history = createAttentionHistory({ store, clock, isUndecided })
  const driftedEntries = findDriftedEntries(parts)
  let cancel = (): void => {}
  let isClosed = false
  closers.add(() => {
    isClosed = true
    cancel()
    history.close()
  })

  async function causes(known?: readonly TokenRecord[]): Promise<Cause[]> {
    const tokens = known ?? (await parts.access.tokens())
    const found = await openCauses(parts, { tokens, drifted: await driftedEntries(tokens) })
    if (!isClosed) history.see(found)
    return found
  }

  function lookLater(): void {
    if (isClosed) return
    cancel = clock.after(LOOK_EVERY_MS, () => {
      // While the store can't be written, the log denies requests and says why.
      void causes().then(lookLater, lookLater)
    })
  }
  lookLater()

  return {
    causes,
    async items(state, tokens) {
      const open = await causes(tokens)
      if (state === 'resolved') return history.ended()
      const snoozes = readSnoozes(store)
      const now = clock.now()
      return open
        .map(({ mark, ...item }) => ({
          ...item,
          snoozed_until: snoozedUntil(snoozes[item.id], mark, now),
          ended_at: null,
        }))
        .filter((item) => (item.snoozed_until === null) === (state === 'open'))
        .sort((one, other) => ATTENTION_GROUPS.indexOf(one.group) - ATTENTION_GROUPS.indexOf(other.group))
    },
  }
}

function snoozedUntil(snooze: Snooze | undefined, mark: Cause['mark'], now: number): string | null {
  if (snooze === undefined) return null
  if (snooze.until === null) return snooze.mark === mark ? 'changed' : null
  return snooze.until > now ? new Date(snooze.until).toISOString() : null
}
