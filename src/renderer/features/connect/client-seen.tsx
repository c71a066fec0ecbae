import { rich } from '../../lib/rich.ts'
import type { ClientRecord } from '../../../contract/records.ts'
import { plural, t } from '../../../contract/text/translate.ts'
import { formatAgo, formatExact } from '../../lib/format.ts'
import { useSecond } from '../../lib/now.ts'
import styles from './connect.module.css'

/** As whom a connected client uses Hallpass, and when it did last. Until it is seen after a change, what to do. */
export function ClientSeen({
  client: { name, token, last_seen_at: seen, sessions_open: sessions, restart_needed: mustRestart },
}: {
  client: ClientRecord
}) {
  return (
    <>
      {token !== null && <span>{rich`as ${<span className="hp-mono">{token}</span>}`}</span>}
      <span role="status" className={styles.seen}>
        {mustRestart && t`Restart ${name}. Waiting for it…`}
        {!mustRestart && seen === null && t`Not seen yet`}
        {!mustRestart && seen !== null && (
          <>
            {sessions > 0
              ? rich`Seen ${<SecondsAgo instant={seen} />}, ${plural(sessions, '# session', '# sessions')}`
              : rich`Seen ${<SecondsAgo instant={seen} />}`}
          </>
        )}
      </span>
    </>
  )
}

function SecondsAgo({ instant }: { instant: string }) {
  const now = useSecond()
  return (
    <time dateTime={instant} title={formatExact(instant)} className="hp-tabular" aria-live="off">
      {formatAgo(instant, now)}
    </time>
  )
}
