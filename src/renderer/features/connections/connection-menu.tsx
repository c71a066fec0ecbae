import { Menu } from '@mantine/core'
import { IconKey, IconListSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { t } from '../../../contract/text/translate.ts'
import { MenuButton } from '../../ui/late/menu-button.tsx'

/** What leads on from a connection: its requests, and a new token that can use it. */
export function ConnectionMenu({ project, name }: { project: string; name: string }) {
  const navigate = useNavigate()
  return (
    <MenuButton label={t`Actions for ${name}`} size={32} iconSize={18}>
      {() => (
        <>
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
        </>
      )}
    </MenuButton>
  )
}
