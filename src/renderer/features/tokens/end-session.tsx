import { Button, Text } from '@mantine/core'
import type { SessionRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { counted } from '../../lib/format.ts'
import { Confirm } from '../../ui/confirm.tsx'

/** Names a session token and what ends with it. */
export function EndSession({ session, onClose }: { session: SessionRecord; onClose: () => void }) {
  const { owner } = useApi()
  const running =
    session.running === 0 ? 'No requests are running.' : `Interrupts ${counted(session.running, 'running request')}.`
  return (
    <Confirm
      opened
      title={`End ${session.id}`}
      action="End session token"
      onClose={onClose}
      onConfirm={() => owner.sessions.revoke({ id: session.id })}
    >
      <Text size="sm">The script that uses it gets an error from now on. {running}</Text>
    </Confirm>
  )
}

export function EndButton({ session, onEnd }: { session: SessionRecord; onEnd: (session: SessionRecord) => void }) {
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={`End session token ${session.id}`}
      onClick={() => onEnd(session)}
    >
      End
    </Button>
  )
}
