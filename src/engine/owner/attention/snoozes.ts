import { invalidRequest } from '../../../contract/errors.ts'
import type { OwnerParts } from '../owner-parts.ts'
import type { Attention } from './attention-items.ts'

/** `until` is a time, or null to wait until the item's mark changes. */
export interface Snooze {
  until: number | null
  mark: string
}

const SETTING = 'attention_snoozes'
const MAX_SNOOZES = 200
const LONGEST_MS = 30 * 24 * 60 * 60_000

export function readSnoozes(store: Pick<OwnerParts['store'], 'read'>): Record<string, Snooze> {
  return JSON.parse(store.read.setting(SETTING) ?? '{}') as Record<string, Snooze>
}

export async function snooze(
  parts: OwnerParts,
  attention: Attention,
  { id, until }: { id: string; until: string },
): Promise<void> {
  const now = parts.clock.now()
  const time = until === 'changed' ? null : Date.parse(until)
  if (time !== null && !(time > now && time <= now + LONGEST_MS))
    throw invalidRequest('Enter a timestamp within the next 30 days, or "changed".', 'until')
  const cause = (await attention.causes()).find((one) => one.id === id)
  if (cause === undefined) throw invalidRequest('This item no longer needs attention.', 'id')
  const { [id]: _before, ...others } = readSnoozes(parts.store)
  const kept = Object.entries(others).filter(([, { until: end }]) => end === null || end > now)
  write(parts, Object.fromEntries([...kept, [id, { until: time, mark: cause.mark }] as const].slice(-MAX_SNOOZES)))
}

export function wake(parts: OwnerParts, id: string): void {
  const { [id]: known, ...others } = readSnoozes(parts.store)
  if (known !== undefined) write(parts, others)
}

function write({ store }: OwnerParts, snoozes: Record<string, Snooze>): void {
  store.write.setSetting(SETTING, JSON.stringify(snoozes))
}
