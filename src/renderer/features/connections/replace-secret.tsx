import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useRef, useState, type FormEvent } from 'react'
import type { ConnectionRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { KIND_LABELS, secretLocation } from './connection-kinds.ts'
import { SecretChoice, type SecretChoiceField } from './secret-choice.tsx'

interface ReplaceSecretProps {
  connection: ConnectionRecord
  opened: boolean
  onClose: () => void
}

/** Tests the new secret before saving it. The old one remains in use until then. */
export function ReplaceSecret({ connection, opened, onClose }: ReplaceSecretProps) {
  const { owner } = useApi()
  const field = useRef<SecretChoiceField>(null)
  const [busy, setBusy] = useState(false)
  const { name, secret } = connection
  const label = KIND_LABELS[connection.kind].secret
  const submit = async (): Promise<void> => {
    const given = field.current?.take() ?? null
    if (given === null) return
    setBusy(true)
    try {
      await owner.connections.replaceSecret({ name, secret: given })
      onClose()
    } catch (thrown) {
      field.current?.showError(callErrorOf(thrown))
    } finally {
      setBusy(false)
    }
  }
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    void submit()
  }
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={secret === 'none' ? `Add a secret to ${name}` : `Replace the secret of ${name}`}
    >
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {secret === 'none' ? 'No secret yet.' : `Stored in: ${secretLocation(secret)}.`} Hallpass tests the new
            secret before saving it.
          </Text>
          <SecretChoice ref={field} label={label} autoFocus />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              Test and replace
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
