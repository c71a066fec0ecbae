import { Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { t } from '../../../contract/text/translate.ts'
import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { MenuButton } from '../../ui/late/menu-button.tsx'
import type { LogFilter } from '../log/log-filter.ts'
import { inAnHour, tomorrow, useSnooze } from './use-snooze.ts'

/** Ways to put an item off, and to its requests. Nothing if neither makes sense. */
export function ItemMenu({ item }: { item: AttentionItem }) {
  const navigate = useNavigate()
  const { snooze, wake } = useSnooze()
  const requests = requestsOf(item)
  const isOver = item.ended_at !== null
  if (isOver && requests === null) return null
  const { project } = item.subject
  const showRequests = (search: LogFilter) => () =>
    void (project === null
      ? navigate({ to: '/log', search })
      : navigate({ to: '/projects/$project/log', params: { project }, search }))
  return (
    <MenuButton label={t`More for: ${item.sentence}`} width={200}>
      {() => (
        <>
          {!isOver && item.snoozed_until === null && (
            <>
              <Menu.Item data-writes onClick={() => snooze(item, inAnHour())}>{t`Snooze 1 hour`}</Menu.Item>
              <Menu.Item data-writes onClick={() => snooze(item, tomorrow())}>{t`Snooze until tomorrow`}</Menu.Item>
              <Menu.Item data-writes onClick={() => snooze(item, 'changed')}>{t`Snooze until it changes`}</Menu.Item>
            </>
          )}
          {!isOver && item.snoozed_until !== null && (
            <Menu.Item data-writes onClick={() => wake(item)}>{t`Show again`}</Menu.Item>
          )}
          {requests !== null && <Menu.Item onClick={showRequests(requests)}>{t`Show requests`}</Menu.Item>}
        </>
      )}
    </MenuButton>
  )
}

/** Returns the rows that an item is about, or null if it isn't about requests. */
function requestsOf({ cause, subject: { token, connection } }: AttentionItem): LogFilter | null {
  if (cause !== null) return { cause, time: '24h' }
  if (token === null && connection === null) return null
  return { ...(token === null ? {} : { token }), ...(connection === null ? {} : { connection }), time: '24h' }
}
