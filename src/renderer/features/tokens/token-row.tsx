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

const KINDS = { access: 'Access token', local: 'Local token', oauth: 'Browser sign-in' } as const
/** A token can have access to a hundred connections, which would not fit in a row. */
const MAX_GRANTS = 6
const STATES = { active: ['ok', 'Active'], expired: ['none', 'Expired'], revoked: ['bad', 'Revoked'] } as const

export function TokenRow({ token, onClone }: { token: TokenRecord; onClone: () => void }) {
  const kindOf = useConnectionKinds(token.project)
  const [tone, label] = STATES[token.status]
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
            No access
          </Text>
        ) : (
          <div className={styles.grants}>
            {shown.map((grant) => (
              <Tooltip
                key={grant.connection}
                label={`Can ${grantSummary(grant, kindOf(grant.connection))}.`}
                multiline
                maw={320}
              >
                <div style={{ display: 'contents' }}>
                  <Text size="sm" truncate>
                    {grant.connection}
                  </Text>
                  <Badge size="sm" variant="default" tt="none">
                    {grantLabel(grant)}
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
                {counted(more.length, 'more connection')}
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
        <Ago instant={token.last_used_at} never="Never" />
      </Table.Td>
      <Table.Td>
        {token.status === 'active' ? (
          <Countdown instant={token.expires_at} />
        ) : (
          <Ago instant={token.revoked_at ?? token.expires_at} />
        )}
      </Table.Td>
      <Table.Td>
        <StatusLabel tone={tone}>{label}</StatusLabel>
      </Table.Td>
      <Table.Td ta="right">
        <TokenMenu token={token} onClone={onClone} />
      </Table.Td>
    </Table.Tr>
  )
}

/** Returns "editor" for a role on the whole connection, or "read · Orders, Invoices +3" for a limited grant. */
function grantLabel({ permissions, tables, tools, paths }: Grant): string {
  const limits = [...(tables ?? []), ...(tools ?? []), ...(paths ?? [])]
  if (limits.length === 0) return roleOf(permissions) ?? permissions.join(', ')
  const more = limits.length > 2 ? ` +${limits.length - 2}` : ''
  return `${permissions.join(', ')} · ${limits.slice(0, 2).join(', ')}${more}`
}
