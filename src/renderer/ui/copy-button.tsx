import { Button, type ButtonProps } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { useApi } from '../lib/api.tsx'
import { showFailure, useFailure } from './failure.tsx'

interface CopyButtonProps extends ButtonProps {
  /** Called on click, so that a token doesn't have to be part of the page. */
  text: () => string
  label?: string
  /** For a token, which the desktop app clears from the clipboard when it expires. */
  token?: { expiresAt: string | null }
}

export function CopyButton({ text, label = 'Copy', token, ...button }: CopyButtonProps) {
  const { shell } = useApi()
  const failure = useFailure()
  const [copied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    try {
      // The window has no clipboard permission, so the shell copies.
      if (shell !== null) await shell.copyToken({ token: text(), expires_at: token?.expiresAt ?? null })
      else if (!(await browserCopied(text())))
        return showFailure('Your browser blocked copying. Select the text and copy it manually.')
      setCopied(true)
      setTimeout(() => setCopied(false), 2000)
    } catch (thrown) {
      failure(thrown)
    }
  }
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
      {...button}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{copied ? 'Copied' : label}</span>
    </Button>
  )
}

/**
 * Resolves with false if the browser offers no clipboard, for example on an insecure origin, or the user denied access.
 */
async function browserCopied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
