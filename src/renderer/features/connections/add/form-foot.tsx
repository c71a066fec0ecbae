import { Alert, Button, Group } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { t } from '../../../../contract/text/translate.ts'

interface FormFootProps {
  problem: string | null
  busy: boolean
  action: string
  busyAction: string
  onBack: () => void
}

/** Errors that belong to no field, then Back and the submit button. Going back cancels a running request. */
export function FormFoot({ problem, busy, action, busyAction, onBack }: FormFootProps) {
  return (
    <>
      {problem !== null && (
        <Alert color="red" variant="light" role="alert" icon={<IconAlertTriangle size={18} />}>
          {problem}
        </Alert>
      )}
      <Group justify="space-between">
        <Button variant="subtle" color="gray" onClick={onBack}>{t`Back`}</Button>
        <Button data-writes type="submit" aria-disabled={busy} mod={{ disabled: busy }}>
          {busy ? busyAction : action}
        </Button>
      </Group>
    </>
  )
}
