import { ActionIcon, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { t } from '../../../contract/text/translate.ts'
import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { useApi } from '../../lib/api.tsx'
import { useFailure } from '../../ui/failure.tsx'
import { useSaved } from '../../ui/use-saved.tsx'

const HOUR_MS = 60 * 60_000

/** Ways to put an item off, and to its requests. */
export function SnoozeMenu({ item }: { item: AttentionItem }) {
  const navigate = useNavigate()
  const { snooze, wake } = useSnooze(item)
  const { cause } = item
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t`More for: ${item.sentence}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {item.snoozed_until === null ? (
          <>
            <Menu.Item onClick={() => snooze(inAnHour())}>{t`Snooze 1 hour`}</Menu.Item>
            <Menu.Item onClick={() => snooze(tomorrow())}>{t`Snooze until tomorrow`}</Menu.Item>
            <Menu.Item onClick={() => snooze('changed')}>{t`Snooze until it changes`}</Menu.Item>
          </>
        ) : (
          <Menu.Item onClick={wake}>{t`Show again`}</Menu.Item>
        )}
        {cause !== null && (
          <Menu.Item
            onClick={() => void navigate({ to: '/log', search: { cause, time: '24h' } })}
          >{t`Show requests`}</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

/** Puts an item off or shows it again. Both can be undone. */
function useSnooze({ id, snoozed_until: former }: AttentionItem): { snooze(until: string): void; wake(): void } {
  const { owner } = useApi()
  const failure = useFailure()
  const saved = useSaved()
  const snoozedUntil = async () => {
    const snoozed = await owner.attention.list({ state: 'snoozed' })
    return snoozed.find((one) => one.id === id)?.snoozed_until ?? null
  }
  return {
    snooze(until) {
      owner.attention.snooze({ id, until }).then(async () => {
        const now = await snoozedUntil()
        saved(
          () => owner.attention.wake({ id }),
          t`Snoozed`,
          async () => (await snoozedUntil()) === now,
        )
      }, failure)
    },
    wake() {
      owner.attention.wake({ id }).then(() => {
        const undo = () => owner.attention.snooze({ id, until: former ?? 'changed' })
        saved(undo, t`Shown again`, async () => (await snoozedUntil()) === null)
      }, failure)
    },
  }
}

function inAnHour(): string {
  return new Date(Date.now() + HOUR_MS).toISOString()
}

/** Returns 9:00 of the next day in local time. */
function tomorrow(): string {
  const date = new Date()
  date.setDate(date.getDate() + 1)
  date.setHours(9, 0, 0, 0)
  return date.toISOString()
}
