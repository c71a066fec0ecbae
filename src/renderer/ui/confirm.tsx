import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { refusalOf } from '../lib/refusal.ts'

interface ConfirmProps {
  opened: boolean
  title: string
  /** Names the effect: "2 session tokens end now, 1 request in flight is cut off". */
  children: ReactNode
  act: string
  onConfirm: () => Promise<unknown>
  onClose: () => void
}

/** A dangerous act, with its effect named. Enter on the act does it; Escape leaves. What the engine refuses stays readable. */
export function Confirm({ opened, title, children, act, onConfirm, onClose }: ConfirmProps) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const close = (): void => {
    setProblem(null)
    onClose()
  }
  const confirm = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      await onConfirm()
      close()
    } catch (thrown) {
      setProblem(refusalOf(thrown).sentence)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal opened={opened} onClose={close} title={title}>
      <Stack gap="md">
        <div>{children}</div>
        {problem !== null && <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>{problem}</Text>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>Cancel</Button>
          <Button color="red" loading={busy} onClick={() => void confirm()} data-autofocus>{act}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
