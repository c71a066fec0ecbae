import { rich } from '../../lib/rich.ts'
import { t } from '../../../contract/text/translate.ts'
import type { SessionRecord, TokenRecord } from '../../../contract/records.ts'
import { useHalfMinute } from '../../lib/now.ts'
import { Ago, Countdown } from '../../ui/instant.tsx'
import { StatusLabel } from '../../ui/status-label.tsx'

const SOON_MS = 7 * 86_400_000

/** Whether a token expires soon: within 7 days or a tenth of its life, whichever is shorter. */
function isExpiringSoon({ created_at: created, expires_at: expires }: TokenRecord, now: number): boolean {
  if (expires === null) return false
  const life = Date.parse(expires) - Date.parse(created)
  return Date.parse(expires) - now < Math.min(SOON_MS, life / 10)
}

/** The state of a token, with the time that it has left or when it ended. */
export function TokenState({ token }: { token: TokenRecord }) {
  const now = useHalfMinute()
  if (token.status === 'expired')
    return (
      <StatusLabel tone="none">
        <span>{rich`Expired ${<Ago instant={token.expires_at} />}`}</span>
      </StatusLabel>
    )
  if (token.status === 'revoked')
    return (
      <StatusLabel tone="none">
        <span>{rich`Revoked by you ${<Ago instant={token.revoked_at} />}`}</span>
      </StatusLabel>
    )
  if (token.paused) return <StatusLabel tone="none">{t`Paused`}</StatusLabel>
  return (
    <StatusLabel tone={isExpiringSoon(token, now) ? 'wait' : 'ok'} title={t`Time left`}>
      <Countdown instant={token.expires_at} never={t`Never expires`} />
    </StatusLabel>
  )
}

export function SessionState({ session }: { session: SessionRecord }) {
  if (session.ended_at === null)
    return (
      <StatusLabel tone="ok" title={t`Time left`}>
        <Countdown instant={session.expires_at} />
      </StatusLabel>
    )
  const isSpent = session.max_requests !== null && session.requests >= session.max_requests
  return (
    <StatusLabel tone="none">
      <span>
        {session.ended_by === 'owner' ? t`Ended` : isSpent ? t`Used up` : t`Expired`} <Ago instant={session.ended_at} />
      </span>
    </StatusLabel>
  )
}
