import { Button, Group, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import { useRef, useState, type ReactNode } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { useCopy } from '../copying/use-copy.ts'
import { Dialog } from '../dialog.tsx'

interface SecretGuard {
  /** Closes what shows the secret, or asks first if it wasn't copied. */
  close(): void
  /** Call it when the secret, or a text with it, was copied. */
  onCopied(): void
  /** While it asks, the dialog below must not react to Escape. */
  asking: boolean
  question: ReactNode
}

/**
 * Keeps a secret that is shown once from being lost: Escape, a click outside and navigation ask first. A null secret
 * needs no guard. `onClose` must drop the secret. Its argument says that another screen opens anyway.
 */
export function useSecretGuard(
  secret: string | null,
  expiresAt: string | null,
  onClose: (leaving: boolean) => void,
): SecretGuard {
  const { shell } = useApi()
  const copyText = useCopy()
  const [copied, setCopied] = useState<string | null>(null)
  const [asked, setAsked] = useState(false)
  /** Known before the page is drawn again, for navigation in the same turn. */
  const given = useRef<string | null>(null)
  const open = secret !== null && copied !== secret
  const blocker = useBlocker({
    shouldBlockFn: () => open && given.current !== secret,
    withResolver: true,
    // In the web console, Back and reloading can leave the page. The window of the app asks by itself, and would only not close.
    enableBeforeUnload: shell === null,
    disabled: !open,
  })
  const asking = open && (asked || blocker.status === 'blocked')

  const stay = (): void => {
    setAsked(false)
    blocker.reset?.()
  }
  const leave = (): void => {
    const blocked = blocker.status === 'blocked'
    given.current = secret
    setAsked(false)
    setCopied(secret)
    onClose(blocked)
    blocker.proceed?.()
  }
  const copyAndLeave = async (): Promise<void> => {
    if (secret !== null && (await copyText(secret, expiresAt))) leave()
    else stay()
  }
  return {
    asking,
    close: () => (open ? setAsked(true) : onClose(false)),
    onCopied: () => setCopied(secret),
    question: asking && (
      <Dialog opened onClose={stay} title={t`Close without the token?`} zIndex={400} size="sm">
        <Text size="sm">{t`You haven't copied it, and it can't be shown again.`}</Text>
        <Group justify="flex-end" gap="xs" mt="md">
          <Button variant="default" onClick={leave}>{t`Close anyway`}</Button>
          <Button data-autofocus onClick={() => void copyAndLeave()}>{t`Copy and close`}</Button>
        </Group>
      </Dialog>
    ),
  }
}
