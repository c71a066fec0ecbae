import { Button, Group, Stack, Text } from '@mantine/core'
import { useRef, useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { OneTimeSecret } from '../../ui/secret/one-time-secret.tsx'
import { useSecretGuard } from '../../ui/secret/use-secret-guard.tsx'
import { TokenEffect } from './token-effect.tsx'
import { Dialog } from '../../ui/dialog.tsx'

export function RotateToken({ token, onClose }: { token: TokenRecord; onClose: () => void }) {
  const { owner } = useApi()
  const [created, setCreated] = useState<{ secret: string; expiresAt: string | null } | null>(null)
  // The confirmation closes after the rotation. The secret is shown then.
  const rotated = useRef(false)
  const guard = useSecretGuard(created?.secret ?? null, created?.expiresAt ?? null, onClose)
  if (created !== null) {
    return (
      <Dialog
        opened
        onClose={guard.close}
        closeOnEscape={!guard.asking}
        title={t`New secret for ${token.name}`}
        size="lg"
      >
        <OneTimeSecret secret={created.secret} expiresAt={created.expiresAt} onCopied={guard.onCopied} />
        <Group justify="flex-end" mt="md">
          <Button onClick={guard.close}>{t`Done`}</Button>
        </Group>
        {guard.question}
      </Dialog>
    )
  }
  const rotate = async (): Promise<void> => {
    const { token: renewed, secret } = await owner.tokens.rotate({ project: token.project, name: token.name })
    rotated.current = true
    setCreated({ secret, expiresAt: renewed.expires_at })
  }
  return (
    <Confirm
      opened
      title={t`Rotate the secret of ${token.name}`}
      action={t`Rotate secret`}
      onConfirm={rotate}
      onClose={() => {
        if (!rotated.current) onClose()
      }}
    >
      <Stack gap={6}>
        <Text size="sm">{t`Creates a new secret. The old one stops working immediately. Name, access and expiry don't change.`}</Text>
        <TokenEffect token={token} />
      </Stack>
    </Confirm>
  )
}
