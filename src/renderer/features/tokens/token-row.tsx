import { Anchor, Badge, Table, Text, Tooltip } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Grant } from '../../../contract/grants.ts'
import type { TokenRecord } from '../../../contract/records.ts'
import { counted } from '../../lib/format.ts'
import { Ago, Countdown } from '../../ui/instant.tsx'
import { StatusLabel } from '../../ui/status-label.tsx'
import { grantSummary, roleOf } from './grant-summary.ts'
import { TokenMenu } from './token-menu.tsx'
import styles from './tokens.module.css'
import { useConnectionKinds } from './use-connection-kinds.ts'

const KINDS = { access: 'access', local: 'local', oauth: 'sign-in' } as const
/** A token can have access to a hundred connections, which would not fit in a row. */
const MAX_GRANTS = 6
const STATES = { active: ['ok', 'active'], expired: ['none', 'expired'], revoked: ['bad', 'revoked'] } as const

export function TokenRow({ token, onClone }: { token: TokenRecord; onClone: () => void }) {
  const kindOf = useConnectionKinds(token.project)
  const [tone, word] = STATES[token.status]
  const shown = token.grants.slice(0, MAX_GRANTS)
  const more = token.grants.slice(MAX_GRANTS)
  return (
    <Table.Tr data-token={token.name}>
      <Table.Td className={styles.name}>
        <Anchor
          component={Link}
          to={`/projects/${token.project}/tokens/${token.name}`}
          size="sm"
          fw={600}
          truncate
          display="block"
          title={token.name}
        >
          {token.name}
        </Anchor>
        <Text size="xs" c="dimmed">
          {KINDS[token.kind]}
        </Text>
      </Table.Td>
      <Table.Td>
        {token.grants.length === 0 ? (
          <Text size="sm" c="dimmed">
            nothing
          </Text>
        ) : (
          <div className={styles.grants}>
            {shown.map((grant) => (
              <Tooltip
                key={grant.connection}
                label={`It can ${grantSummary(grant, kindOf(grant.connection))}.`}
                multiline
                maw={320}
              >
                <div style={{ display: 'contents' }}>
                  <Text size="sm" truncate>
                    {grant.connection}
                  </Text>
                  <Badge size="sm" variant="default" tt="none">
                    {roleOf(grant.permissions) ?? grant.permissions.join(' + ')}
                    {isNarrowed(grant) ? ' of some' : ''}
                  </Badge>
                </div>
              </Tooltip>
            ))}
            {more.length > 0 && (
              <Text
                size="xs"
                c="dimmed"
                className={styles.more}
                title={more.map(({ connection }) => connection).join(', ')}
              >
                and {counted(more.length, 'connection')} more
              </Text>
            )}
          </div>
        )}
      </Table.Td>
      <Table.Td className={`hp-mono ${styles.less}`}>{token.prefix ?? '—'}</Table.Td>
      <Table.Td className={styles.wide}>
        <Ago instant={token.created_at} />
      </Table.Td>
      <Table.Td>
        <Ago instant={token.last_used_at} never="never" />
      </Table.Td>
      <Table.Td>
        {token.status === 'active' ? <Countdown instant={token.expires_at} /> : <Ago instant={token.expires_at} />}
      </Table.Td>
      <Table.Td>
        <StatusLabel tone={tone}>{word}</StatusLabel>
      </Table.Td>
      <Table.Td ta="right">
        <TokenMenu token={token} onClone={onClone} />
      </Table.Td>
    </Table.Tr>
  )
}

function isNarrowed(grant: Grant): boolean {
  return [grant.tables, grant.tools, grant.paths].some((list) => list !== undefined)
}
