import { Button, type ButtonProps } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { t } from '../../../contract/text/translate.ts'
import { useCopied } from './use-copy.ts'

interface CopyButtonProps extends ButtonProps {
  /** Called on click, so that a token doesn't have to be part of the page. */
  text: () => string
  label?: string
  /** For a token, which the desktop app clears from the clipboard when it expires. */
  token?: { expiresAt: string | null }
  onCopied?: (() => void) | undefined
}

export function CopyButton({ text, label = t`Copy`, token, onCopied, ...button }: CopyButtonProps) {
  const [copied, copyText] = useCopied()
  const copy = async (): Promise<void> => {
    if (await copyText(text(), token?.expiresAt)) onCopied?.()
  }
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
      {...button}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{copied ? t`Copied` : label}</span>
    </Button>
  )
}
