import { Stack, Text } from '@mantine/core'
import { t } from '../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { TokenEffect } from './token-effect.tsx'

const WORDS = {
  revoke: { title: t`Revoke`, what: t`The token stops working immediately. It stays in the list.` },
  delete: {
    title: t`Delete`,
    what: t`The token stops working immediately and is removed from the list. Its requests stay in the log.`,
  },
} as const

export function RevokeToken({
  token,
  action,
  onClose,
}: {
  token: TokenRecord
  action: 'revoke' | 'delete'
  onClose: () => void
}) {
  const { owner } = useApi()
  const { title, what } = WORDS[action]
  const address = { project: token.project, name: token.name }
  return (
    <Confirm
      opened
      title={`${title} ${token.name}`}
      action={`${title} token`}
      onClose={onClose}
      onConfirm={() => (action === 'revoke' ? owner.tokens.revoke(address) : owner.tokens.delete(address))}
    >
      <Stack gap={6}>
        <Text size="sm">{what}</Text>
        <TokenEffect token={token} />
      </Stack>
    </Confirm>
  )
}
