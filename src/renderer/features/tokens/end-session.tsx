import { Text } from '@mantine/core'
import { plural, t } from '../../../contract/text/translate.ts'
import type { SessionRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { shortId } from '../../ui/copying/short-id.ts'

/** Names a session token and what ends with it. */
export function EndSession({ session, onClose }: { session: SessionRecord; onClose: () => void }) {
  const { owner } = useApi()
  const running =
    session.running === 0
      ? t`No requests are running.`
      : t`Interrupts ${plural(session.running, '# running request', '# running requests')}.`
  return (
    <Confirm
      opened
      title={t`End ${shortId(session.id)}`}
      action={t`End session token`}
      onClose={onClose}
      onConfirm={() => owner.sessions.revoke({ id: session.id })}
    >
      <Text size="sm">{t`The script that uses it gets an error from now on. ${running}`}</Text>
    </Confirm>
  )
}
