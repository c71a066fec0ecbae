import { t } from '../../../contract/text/translate.ts'
import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { useApi } from '../../lib/api.tsx'
import { useFailure } from '../../ui/failure.tsx'
import { useSaved } from '../../ui/use-saved.tsx'

const HOUR_MS = 60 * 60_000

/** Returns functions that put an item off or show it again. Both can be undone. */
export function useSnooze() {
  const { owner } = useApi()
  const failure = useFailure()
  const saved = useSaved()
  const snoozedUntil = async (id: string) => {
    const snoozed = await owner.attention.list({ state: 'snoozed' })
    return snoozed.find((one) => one.id === id)?.snoozed_until ?? null
  }
  return {
    snooze({ id }: AttentionItem, until: string): void {
      const snoozeNow = async (): Promise<void> => {
        await owner.attention.snooze({ id, until })
        const now = await snoozedUntil(id)
        saved(
          () => owner.attention.wake({ id }),
          t`Snoozed`,
          async () => (await snoozedUntil(id)) === now,
        )
      }
      snoozeNow().catch(failure)
    },
    wake({ id, snoozed_until: former }: AttentionItem): void {
      owner.attention.wake({ id }).then(() => {
        const undo = () => owner.attention.snooze({ id, until: former ?? 'changed' })
        saved(undo, t`Shown again`, async () => (await snoozedUntil(id)) === null)
      }, failure)
    },
  }
}

export function inAnHour(): string {
  return new Date(Date.now() + HOUR_MS).toISOString()
}

/** Returns 9:00 of the next day in local time. */
export function tomorrow(): string {
  const date = new Date()
  date.setDate(date.getDate() + 1)
  date.setHours(9, 0, 0, 0)
  return date.toISOString()
}
