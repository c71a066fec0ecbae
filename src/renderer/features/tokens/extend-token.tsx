import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { rich } from '../../lib/rich.ts'
import { t } from '../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { Countdown } from '../../ui/instant.tsx'
import { FIRST_LIFETIME, LifetimeChoice, lifetimeProblem, lifetimeText } from './lifetime-choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { useSaved } from '../../ui/use-saved.tsx'

export function ExtendToken({ token, onClose }: { token: TokenRecord; onClose: () => void }) {
  const { owner } = useApi()
  const saved = useSaved()
  const [lifetime, setLifetime] = useState(FIRST_LIFETIME)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const problem = lifetimeProblem(lifetime)
  const active = token.status === 'active'
  const extend = async (): Promise<void> => {
    setBusy(true)
    setError(null)
    try {
      const { project, name, expires_at: former } = token
      const { revision } = await owner.tokens.extend({ project, name, ttl: lifetimeText(lifetime) })
      onClose()
      saved(
        () => owner.tokens.update({ project, name, revision, set: { ttl: former ?? 'never' } }),
        t`Extended ${name}`,
      )
    } catch (thrown) {
      setError(callErrorOf(thrown).sentence)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog opened onClose={onClose} title={t`Extend ${token.name}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (problem === null && active) void extend()
        }}
      >
        <Stack gap="md">
          {active ? (
            <Text size="sm">
              {token.expires_at === null
                ? t`Never expires. The secret and access don't change.`
                : rich`${<Countdown before={t`Expires in`} expired={t`Expired`} instant={token.expires_at} />}. The secret and access don't change.`}
            </Text>
          ) : (
            <Text
              role="alert"
              size="sm"
            >{t`This token has expired or was revoked, so it can't be extended. Choose New token like this to create another one.`}</Text>
          )}
          <LifetimeChoice value={lifetime} onChange={setLifetime} problem={problem} />
          {error !== null && (
            <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>
              {error}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t`Cancel`}</Button>
            <Button
              data-writes
              type="submit"
              loading={busy}
              disabled={problem !== null || !active}
            >{t`Extend token`}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
