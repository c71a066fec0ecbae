import { ActionIcon, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { t } from '../../../contract/text/translate.ts'
import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { useApi } from '../../lib/api.tsx'
import { useFailure } from '../../ui/failure.tsx'

const HOUR_MS = 60 * 60_000

/** Ways to put an item off, and to its requests. */
export function SnoozeMenu({ item }: { item: AttentionItem }) {
  const { owner } = useApi()
  const failure = useFailure()
  const navigate = useNavigate()
  const snooze = (until: () => string) => () =>
    void owner.attention.snooze({ id: item.id, until: until() }).catch(failure)
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
            <Menu.Item onClick={snooze(inAnHour)}>{t`Snooze 1 hour`}</Menu.Item>
            <Menu.Item onClick={snooze(tomorrow)}>{t`Snooze until tomorrow`}</Menu.Item>
            <Menu.Item onClick={snooze(() => 'changed')}>{t`Snooze until it changes`}</Menu.Item>
          </>
        ) : (
          <Menu.Item
            onClick={() => void owner.attention.wake({ id: item.id }).catch(failure)}
          >{t`Show again`}</Menu.Item>
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
