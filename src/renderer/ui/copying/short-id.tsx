import { Tooltip, UnstyledButton } from '@mantine/core'
import type { KeyboardEvent } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { useCopied } from './use-copy.ts'

const SHOWN = 8
/** A session token's label and the random rest of its ID. */
const SESSION_ID = /^(?<label>.+-)(?<random>[0-9a-f]{12})$/
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

/** Returns the first 8 characters of an ID. A session token's keeps its label: "import-7c2e41d7". */
export function shortId(id: string): string {
  const { label = '', random = id } = (UUID.test(id) ? null : SESSION_ID.exec(id)?.groups) ?? {}
  return `${label}${random.slice(0, SHOWN)}`
}

/** An ID by its first characters. The whole one is shown on hover and focus, and copied by a click or Ctrl/Cmd-C. */
export function ShortId({ id, className = '' }: { id: string; className?: string | undefined }) {
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
