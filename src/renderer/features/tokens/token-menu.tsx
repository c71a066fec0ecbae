import { ActionIcon, Menu } from '@mantine/core'
import { IconBan, IconClockPlus, IconCopy, IconDots, IconListSearch, IconRefresh, IconTrash } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { TokenRecord } from '../../../contract/records.ts'
import { RevokeToken } from './revoke-token.tsx'
import { ExtendToken } from './extend-token.tsx'
import { RotateToken } from './rotate-token.tsx'

type Dialog = 'extend' | 'rotate' | 'revoke' | 'delete'

export function TokenMenu({ token, onClone }: { token: TokenRecord; onClone?: () => void }) {
  const navigate = useNavigate()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const close = (): void => setDialog(null)
  const active = token.status === 'active'
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${token.name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconListSearch size={16} />}
            onClick={() =>
              void navigate({
                to: '/projects/$project/log',
                params: { project: token.project },
                search: { token: token.name },
              })
            }
          >
            View requests
          </Menu.Item>
          {onClone !== undefined && (
            <Menu.Item leftSection={<IconCopy size={16} />} onClick={onClone}>
              Duplicate…
            </Menu.Item>
          )}
          {active && token.expires_at !== null && (
            <Menu.Item leftSection={<IconClockPlus size={16} />} onClick={() => setDialog('extend')}>
              Extend…
            </Menu.Item>
          )}
          {active && token.kind === 'access' && (
            <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => setDialog('rotate')}>
              Rotate secret…
            </Menu.Item>
          )}
          <Menu.Divider />
          {active && (
            <Menu.Item leftSection={<IconBan size={16} />} onClick={() => setDialog('revoke')}>
              Revoke…
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => setDialog('delete')}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {dialog === 'extend' && <ExtendToken token={token} onClose={close} />}
      {dialog === 'rotate' && <RotateToken token={token} onClose={close} />}
      {(dialog === 'revoke' || dialog === 'delete') && <RevokeToken token={token} action={dialog} onClose={close} />}
    </>
  )
}
