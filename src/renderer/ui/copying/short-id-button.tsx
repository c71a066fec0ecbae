import { Tooltip, UnstyledButton } from '@mantine/core'
import type { KeyboardEvent } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { shortId } from './short-id.ts'
import { useCopied } from './use-copy.ts'

/** An ID by its first characters. The whole one is shown on hover and focus, and copied by a click or Ctrl/Cmd-C. */
export function ShortIdButton({ id, className = '' }: { id: string; className?: string | undefined }) {
  const [copied, copy] = useCopied()
  const onKeyDown = (event: KeyboardEvent): void => {
    const isCopy = event.key.toLowerCase() === 'c' && (event.ctrlKey || event.metaKey)
    if (!isCopy || event.shiftKey || event.altKey || getSelection()?.isCollapsed === false) return
    event.preventDefault()
    void copy(id)
  }
  return (
    <Tooltip label={copied ? t`Copied` : id} events={{ hover: true, focus: true, touch: true }}>
      <UnstyledButton
        className={`hp-mono ${className}`}
        fz="inherit"
        onKeyDown={onKeyDown}
        onClick={() => void copy(id)}
      >
        {shortId(id)}
      </UnstyledButton>
    </Tooltip>
  )
}
