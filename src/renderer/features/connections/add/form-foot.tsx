import { Alert, Button, Group } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'

interface FormFootProps {
  problem: string | null
  busy: boolean
  action: string
  busyAction: string
  onBack: () => void
}

/** What is wrong with the whole, then the way back and the act. While it runs, going back gives it up. */
export function FormFoot({ problem, busy, action, busyAction, onBack }: FormFootProps) {
  return (
    <>
      {problem !== null && (
        <Alert color="red" variant="light" role="alert" icon={<IconAlertTriangle size={18} />}>
          {problem}
        </Alert>
      )}
      <Group justify="space-between">
        <Button variant="subtle" color="gray" onClick={onBack}>
          Back
        </Button>
        <Button type="submit" aria-disabled={busy} mod={{ disabled: busy }}>
          {busy ? busyAction : action}
        </Button>
      </Group>
    </>
  )
}
