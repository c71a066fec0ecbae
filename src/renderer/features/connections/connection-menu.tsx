import { ActionIcon, Menu } from '@mantine/core'
import { IconDots, IconKey, IconListSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { t } from '../../../contract/text/translate.ts'

/** What leads on from a connection: its requests, and a new token that can use it. */
export function ConnectionMenu({ project, name }: { project: string; name: string }) {
  const navigate = useNavigate()
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t`Actions for ${name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconListSearch size={16} />}
          onClick={() =>
            void navigate({ to: '/projects/$project/log', params: { project }, search: { connection: name } })
          }
        >{t`Show requests`}</Menu.Item>
        <Menu.Item
          leftSection={<IconKey size={16} />}
          onClick={() =>
            void navigate({ to: '/projects/$project/tokens/new', params: { project }, search: { connection: name } })
          }
        >{t`New token with access`}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
