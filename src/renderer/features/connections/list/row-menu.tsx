import { Menu } from '@mantine/core'
import {
  IconEye,
  IconListSearch,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlugConnected,
  IconTrash,
} from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { t } from '../../../../contract/text/translate.ts'
import type { ConnectionRecord } from '../../../../contract/records.ts'
import { MenuButton } from '../../../ui/late/menu-button.tsx'

export interface RowActions {
  onTest: (connection: ConnectionRecord) => void
  onPause: (connection: ConnectionRecord) => void
  onRemove: (connection: ConnectionRecord) => void
}

/** What can be done with a connection in the list. */
export function RowMenu({
  project,
  connection,
  actions,
}: {
  project: string
  connection: ConnectionRecord
  actions: RowActions
}) {
  const navigate = useNavigate()
  const { name, paused } = connection
  return (
    <MenuButton label={t`Actions for ${name}`} iconSize={18}>
      {() => (
        <>
          <Menu.Item
            leftSection={<IconEye size={16} />}
            onClick={() =>
              void navigate({ to: '/projects/$project/connections/$connection', params: { project, connection: name } })
            }
          >{t`Open`}</Menu.Item>
          <Menu.Item
            data-writes
            leftSection={<IconPlugConnected size={16} />}
            onClick={() => actions.onTest(connection)}
          >{t`Test`}</Menu.Item>
          <Menu.Item
            data-writes
            leftSection={paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
            onClick={() => actions.onPause(connection)}
          >
            {paused ? t`Resume` : t`Pause`}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconListSearch size={16} />}
            onClick={() =>
              void navigate({ to: '/projects/$project/log', params: { project }, search: { connection: name } })
            }
          >{t`Show requests`}</Menu.Item>
          <Menu.Divider />
          <Menu.Item
            data-writes
            leftSection={<IconTrash size={16} />}
            onClick={() => actions.onRemove(connection)}
          >{t`Remove…`}</Menu.Item>
        </>
      )}
    </MenuButton>
  )
}
