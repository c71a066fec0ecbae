import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { ATTENTION_GROUPS } from '../../../contract/owner-api/attention-kinds.ts'
import type { TokenRecord } from '../../../contract/records.ts'
import type { OwnerParts } from '../owner-parts.ts'
import { openCauses, type Cause } from './open-causes.ts'
import { readSnoozes, type Snooze } from './snoozes.ts'

type Parts = Pick<
  OwnerParts,
  'store' | 'access' | 'approvals' | 'health' | 'log' | 'clock' | 'connectors' | 'secretStoreOk' | 'certificateProblem'
>

/** Returns what needs the owner now, most urgent first. Nothing is stored: an item ends when its cause ends. */
export async function attentionItems(
  parts: Parts,
  state: 'open' | 'snoozed',
  tokens?: readonly TokenRecord[],
): Promise<AttentionItem[]> {
  const snoozes = readSnoozes(parts.store)
  const now = parts.clock.now()
  return (await openCauses(parts, tokens))
    .map(({ mark, ...item }) => ({ ...item, snoozed_until: snoozedUntil(snoozes[item.id], mark, now) }))
    .filter((item) => (item.snoozed_until === null) === (state === 'open'))
    .sort((one, other) => ATTENTION_GROUPS.indexOf(one.group) - ATTENTION_GROUPS.indexOf(other.group))
}

function snoozedUntil(snooze: Snooze | undefined, mark: Cause['mark'], now: number): string | null {
  if (snooze === undefined) return null
  if (snooze.until === null) return snooze.mark === mark ? 'changed' : null
  return snooze.until > now ? new Date(snooze.until).toISOString() : null
}
