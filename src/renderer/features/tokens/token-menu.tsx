import { Menu } from '@mantine/core'
import {
  IconBan,
  IconClockPlus,
  IconCopy,
  IconEye,
  IconListSearch,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../contract/records.ts'
import { MenuButton } from '../../ui/late/menu-button.tsx'
import { ExtendToken } from './extend-token.tsx'
import { RevokeToken } from './revoke-token.tsx'
import { RotateToken } from './rotate-token.tsx'

export type TokenDialog = 'extend' | 'rotate' | 'revoke' | 'delete'

interface TokenMenuProps {
  token: TokenRecord
  onPause: (token: TokenRecord) => void
  onDialog: (dialog: TokenDialog) => void
  onClone: (token: TokenRecord) => void
  /** Whether it also leads to the token's page. */
  inList?: boolean
}

export function TokenMenu({ token, onPause, onDialog, onClone, inList = false }: TokenMenuProps) {
  const navigate = useNavigate()
  const { project, name } = token
  const active = token.status === 'active'
  return (
    <MenuButton label={t`Actions for ${name}`} iconSize={18}>
      {() => (
        <>
          {inList && (
            <Menu.Item
              leftSection={<IconEye size={16} />}
              onClick={() =>
                void navigate({ to: '/projects/$project/tokens/$token', params: { project, token: name } })
              }
            >{t`Open`}</Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconListSearch size={16} />}
            onClick={() =>
              void navigate({ to: '/projects/$project/log', params: { project }, search: { token: name } })
            }
          >{t`Show requests`}</Menu.Item>
          {active && (
            <Menu.Item
              data-writes
              leftSection={token.paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
              onClick={() => onPause(token)}
            >
              {token.paused ? t`Resume` : t`Pause`}
            </Menu.Item>
          )}
          {active && token.expires_at !== null && (
            <Menu.Item
              leftSection={<IconClockPlus size={16} />}
              onClick={() => onDialog('extend')}
            >{t`Extend…`}</Menu.Item>
          )}
          {active && token.kind === 'access' && (
            <Menu.Item
              data-writes
              leftSection={<IconRefresh size={16} />}
              onClick={() => onDialog('rotate')}
            >{t`Rotate secret…`}</Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconCopy size={16} />}
            onClick={() => onClone(token)}
          >{t`New token like this`}</Menu.Item>
          <Menu.Divider />
          {active && (
            <Menu.Item
              data-writes
              leftSection={<IconBan size={16} />}
              onClick={() => onDialog('revoke')}
            >{t`Revoke…`}</Menu.Item>
          )}
          <Menu.Item
            data-writes
            leftSection={<IconTrash size={16} />}
            onClick={() => onDialog('delete')}
          >{t`Delete…`}</Menu.Item>
        </>
      )}
    </MenuButton>
  )
}

interface OpenDialogProps {
  token: TokenRecord
  dialog: TokenDialog
  onClose: () => void
}

/** The dialog that a token's menu or key opened. It lives outside of the row, which may be scrolled away. */
function OpenTokenDialog({ token, dialog, onClose }: OpenDialogProps) {
  if (dialog === 'extend') return <ExtendToken token={token} onClose={onClose} />
  if (dialog === 'rotate') return <RotateToken token={token} onClose={onClose} />
  return <RevokeToken token={token} action={dialog} onClose={onClose} />
}

/**
 * Returns the dialog to draw, if any, and a function that opens one for a token. The dialog follows the token's record
 * in `tokens`.
 */
export function useTokenDialog(
  tokens: readonly TokenRecord[],
): [React.ReactNode, (token: TokenRecord, dialog: TokenDialog) => void] {
  const [open, setOpen] = useState<{ token: TokenRecord; dialog: TokenDialog } | null>(null)
  // The token can expire or be revoked elsewhere while its dialog is open.
  const now = tokens.find(({ name }) => name === open?.token.name)
  const drawn =
    open === null ? null : (
      <OpenTokenDialog token={now ?? open.token} dialog={open.dialog} onClose={() => setOpen(null)} />
    )
  return [drawn, (token, dialog) => setOpen({ token, dialog })]
}
