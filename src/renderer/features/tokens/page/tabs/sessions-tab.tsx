import { Table, Text, VisuallyHidden } from '@mantine/core'
import { useState } from 'react'
import { t } from '../../../../../contract/text/translate.ts'
import type { SessionRecord, TokenRecord } from '../../../../../contract/records.ts'
import { formatNumber } from '../../../../lib/format.ts'
import { Ago } from '../../../../ui/instant.tsx'
import { ShortIdButton } from '../../../../ui/copying/short-id-button.tsx'
import { EndButton } from '../../end-button.tsx'
import { EndSession } from '../../end-session.tsx'
import { SessionState } from '../../token-state.tsx'
import styles from './tabs.module.css'

/** Session tokens that were minted from the token: active ones, and those that ended in the last 24 hours. */
export function SessionsTab({ token, sessions }: { token: TokenRecord; sessions: readonly SessionRecord[] }) {
  const [ending, setEnding] = useState<SessionRecord | null>(null)
  if (sessions.length === 0)
    return (
      <Text
        size="sm"
        c="dimmed"
      >{t`No session tokens. A script gets one from this token, for one connection and a short time.`}</Text>
    )
  return (
    <div className={styles.scroll}>
      <Table className={styles.table} aria-label={t`Session tokens of ${token.name}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t`Session token`}</Table.Th>
            <Table.Th>{t`Permissions`}</Table.Th>
            <Table.Th>{t`Last used`}</Table.Th>
            <Table.Th>{t`Requests`}</Table.Th>
            <Table.Th>{t`Status`}</Table.Th>
            <Table.Th>
              <VisuallyHidden>{t`Actions`}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sessions.map((session) => (
            <Table.Tr key={session.id} data-session={session.id}>
              <Table.Th scope="row">
                <ShortIdButton id={session.id} />
              </Table.Th>
              <Table.Td className={styles.text}>
                {t`${session.permissions.join(', ')} on ${session.connection}`}
                {session.resources !== null && ` › ${session.resources.join(', ')}`}
              </Table.Td>
              <Table.Td>
                <Ago instant={session.last_used_at} never={t`Never`} />
              </Table.Td>
              <Table.Td className="hp-tabular">
                {session.max_requests === null
                  ? formatNumber(session.requests)
                  : t`${formatNumber(session.requests)} of ${formatNumber(session.max_requests)}`}
              </Table.Td>
              <Table.Td>
                <SessionState session={session} />
              </Table.Td>
              <Table.Td>{session.ended_at === null && <EndButton session={session} onEnd={setEnding} />}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {ending !== null && <EndSession session={ending} onClose={() => setEnding(null)} />}
    </div>
  )
}
