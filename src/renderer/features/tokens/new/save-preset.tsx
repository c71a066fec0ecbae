import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import { callErrorOf } from '../../../lib/call-error.ts'
import { budgetOf, ttlOf, type TokenDraft } from './token-draft.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { usePresetChanges } from './use-preset-changes.ts'

/** Saves permissions, lifetime and rate limit under a name. A date isn't saved, because it passes. */
export function SavePreset({ draft, onClose }: { draft: TokenDraft; onClose: () => void }) {
  const changes = usePresetChanges()
  const [name, setName] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    // React bubbles events through portals, so the form around this dialog would be submitted too.
    event.stopPropagation()
    if (name.trim() === '') return setProblem(t`Enter a name`)
    setBusy(true)
    try {
      const ttl = draft.expiry === 'date' ? null : ttlOf(draft)
      const rate = draft.rate === '' ? null : draft.rate
      const { budget } = budgetOf(draft)
      await changes.save({ name: name.trim(), by_kind: {}, grants: draft.grants, ttl, rate, budget })
      onClose()
    } catch (thrown) {
      setProblem(callErrorOf(thrown).sentence)
      setBusy(false)
    }
  }
  return (
    <Dialog opened onClose={onClose} title={t`Save as preset`} size="sm">
      <form onSubmit={(event) => void save(event)} noValidate>
        <Stack gap="md">
          <Text size="sm">{t`Saves the permissions, the lifetime and the limits for other tokens.`}</Text>
          <TextInput
            label={t`Name`}
            value={name}
            maxLength={60}
            onChange={(event) => setName(event.currentTarget.value)}
            error={problem}
            data-autofocus
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t`Cancel`}</Button>
            <Button data-writes type="submit" loading={busy}>{t`Save preset`}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
