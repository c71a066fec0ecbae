import { Button } from '@mantine/core'
import type { SessionRecord } from '../../../contract/records.ts'
import { t } from '../../../contract/text/translate.ts'

/** Separate from its dialog, which the first screen loads only when it is used. */
export function EndButton({ session, onEnd }: { session: SessionRecord; onEnd: (session: SessionRecord) => void }) {
  return (
    <Button
      data-writes
      size="compact-xs"
      variant="default"
      aria-label={t`End session token ${session.id}`}
      onClick={() => onEnd(session)}
    >{t`End`}</Button>
  )
}
