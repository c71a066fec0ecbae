import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { rich } from '../lib/rich.ts'
import { t } from '../../contract/text/translate.ts'
import { callErrorOf } from '../lib/call-error.ts'
import { Dialog } from './dialog.tsx'

interface ConfirmProps {
  opened: boolean
  title: string
  /** The effect: "Revokes 2 session tokens and interrupts 1 running request." */
  children: ReactNode
  action: string
  /** Text that must be typed to confirm an action that can't be undone. */
  typed?: string
  /** For an action that is easily undone. Its button isn't red. */
  calm?: boolean
  /** False while the effects are still loading. */
  known?: boolean
  size?: 'md' | 'lg'
  /** Label of the button that leaves the dialog. */
  cancel?: string
  onConfirm: () => Promise<unknown>
  onClose: () => void
}

/** Confirms a dangerous action and shows its effect. Errors stay visible in the dialog. */
export function Confirm({
  opened,
  title,
  children,
  action,
  typed,
  calm = false,
  known = true,
  size = 'md',
  cancel = t`Cancel`,
  onConfirm,
  onClose,
}: ConfirmProps) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [typedName, setTypedName] = useState('')
  const ready = known && (typed === undefined || typedName.trim() === typed)
  const submitButton = useRef<HTMLButtonElement>(null)
  // A button that was disabled when the dialog opened couldn't take the focus then.
  useEffect(() => {
    if (opened && known && typed === undefined) submitButton.current?.focus()
  }, [opened, known, typed])
  const close = (): void => {
    setProblem(null)
    setTypedName('')
    onClose()
  }
  const confirm = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      await onConfirm()
      close()
    } catch (thrown) {
      setProblem(callErrorOf(thrown).sentence)
    } finally {
      setBusy(false)
    }
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    // React bubbles events through portals, so a form around this dialog would be submitted too.
    event.stopPropagation()
    if (ready) void confirm()
  }
  return (
    <Dialog opened={opened} onClose={close} title={title} size={size}>
      {/* For an action that is easily undone, Ctrl/Cmd-Enter works from anywhere in the dialog. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <form
        onSubmit={submit}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !calm) return
          event.preventDefault()
          event.stopPropagation()
          if (ready && !busy) submitButton.current?.click()
        }}
        noValidate
      >
        <Stack gap="md">
          <div>{children}</div>
          {typed !== undefined && (
            <TextInput
              label={<>{rich`Type ${<b>{typed}</b>} to confirm`}</>}
              value={typedName}
              onChange={(event) => setTypedName(event.currentTarget.value)}
              classNames={{ input: 'hp-mono' }}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
          )}
          {problem !== null && (
            <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>
              {problem}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {cancel}
            </Button>
            <Button
              data-writes
              {...(calm ? {} : { color: 'red' })}
              ref={submitButton}
              type="submit"
              loading={busy}
              disabled={!ready}
              {...(typed === undefined ? { 'data-autofocus': true } : {})}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
