import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { rich } from '../../../lib/rich.ts'
import { plural, t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { shellsOf } from '../../../lib/curl-command.ts'
import { CopyButton } from '../../../ui/copying/copy-button.tsx'
import { useFailure } from '../../../ui/failure.tsx'
import { Ago, Countdown } from '../../../ui/instant.tsx'
import { OneTimeSecret } from '../../../ui/secret/one-time-secret.tsx'
import { curlExample, pythonExample, runCommand } from '../client-snippets.ts'
import { useTokenRequests } from '../use-token-requests.ts'
import type { Minted } from './mint-session.tsx'
import type { SessionDraft } from './session-form.tsx'
import styles from './session.module.css'

interface MintedSessionProps {
  minted: Minted
  draft: SessionDraft
  onCopied: () => void
  /** Drops the token. */
  onExpired: () => void
  onAgain: () => void
  onDone: () => void
}

export function MintedSession({ minted, draft, onCopied, onExpired, onAgain, onDone }: MintedSessionProps) {
  const { owner } = useApi()
  const failure = useFailure()
  const requests = useTokenRequests(minted.project, minted.id)
  const { token, expiresAt } = minted
  useEffect(() => {
    if (token === null) return
    const timer = setTimeout(
      () => {
        void forgetCopied(token)
        onExpired()
      },
      Date.parse(expiresAt) - Date.now(),
    )
    return () => clearTimeout(timer)
  }, [token, expiresAt, onExpired])
  const endNow = (): void => {
    const ended = token
    owner.sessions.revoke({ id: minted.id }).then(() => {
      if (ended !== null) void forgetCopied(ended)
      onExpired()
    }, failure)
  }
  const [first] = requests
  return (
    <Stack gap="md">
      {token === null ? (
        <Text role="status">{t`Ended`}</Text>
      ) : (
        <>
          <OneTimeSecret secret={token} expiresAt={expiresAt} onCopied={onCopied} />
          <RunIt minted={minted} token={token} draft={draft} onCopied={onCopied} />
          <Group gap="xs">
            <Text size="sm">
              <Countdown before={t`Expires in`} expired={t`Expired`} instant={expiresAt} />
            </Text>
            <Button data-writes size="compact-xs" variant="default" onClick={endNow}>{t`End now`}</Button>
          </Group>
        </>
      )}
      <Text size="sm" role="status" aria-label={t`Use`}>
        {first === undefined ? (
          t`Not used yet`
        ) : (
          <>{rich`First request ${<Ago instant={first.time} />}, ${plural(requests.length, '# request', '# requests')} in all`}</>
        )}
      </Text>
      <Group justify="flex-end" gap="xs">
        {token === null && <Button variant="default" onClick={onAgain}>{t`Create another`}</Button>}
        <Button onClick={onDone}>{t`Done`}</Button>
      </Group>
    </Stack>
  )
}

interface RunItProps extends Pick<MintedSessionProps, 'minted' | 'draft' | 'onCopied'> {
  token: string
}

/** Ways to run a script with the token, each with the token filled in where it needs it. */
function RunIt({ minted, token, draft, onCopied }: RunItProps) {
  const [way, setWay] = useState('hallpass run')
  const { proxyUrl, isDocument } = minted
  const [shell] = shellsOf(navigator.userAgent)
  const text = {
    'hallpass run': runCommand(shell, minted, draft.permissions, draft.resources),
    curl: curlExample(proxyUrl, token, shell, isDocument),
    Python: pythonExample(proxyUrl, token, isDocument),
  }[way]
  return (
    <section aria-label={t`Run it`}>
      <Group justify="space-between" mb={4}>
        <Group gap="xs">
          <Text size="sm" fw={600}>{t`Run it`}</Text>
          <SegmentedControl
            size="xs"
            aria-label={t`Way to run it`}
            data={['hallpass run', 'curl', 'Python']}
            value={way}
            onChange={setWay}
          />
        </Group>
        <CopyButton
          text={() => text ?? ''}
          token={{ expiresAt: minted.expiresAt }}
          aria-label={t`Copy: ${way}`}
          onCopied={way === 'hallpass run' ? undefined : onCopied}
        />
      </Group>
      {/* Long lines scroll sideways, so the block must be focusable. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles.code} tabIndex={0}>
        {text}
      </pre>
    </section>
  )
}

/**
 * Empties the browser's clipboard if it still holds the token. Does nothing where the page can't look: what is there may
 * belong to somebody else. The desktop app does this itself.
 */
async function forgetCopied(token: string): Promise<void> {
  try {
    const held = await navigator.clipboard.readText()
    if (held.includes(token)) await navigator.clipboard.writeText('')
  } catch {
    // Reading the clipboard was denied, or this is not a secure origin.
  }
}
