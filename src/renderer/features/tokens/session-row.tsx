import { ActionIcon, Badge, Group, Table, Text, Tooltip } from '@mantine/core'
import { IconCornerDownRight, IconX } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { SessionRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { counted, formatNumber } from '../../lib/format.ts'
import { useFailure } from '../../ui/failure.tsx'
import { Ago, Countdown } from '../../ui/instant.tsx'
import { StatusLabel } from '../../ui/status-label.tsx'
import styles from './tokens.module.css'

/** A session token below its parent. It expires within an hour, so revoking it needs no confirmation. */
export function SessionRow({ session }: { session: SessionRecord }) {
  const { query } = useApi()
  const revoke = useMutation(query.sessions.revoke.mutationOptions({ onError: useFailure() }))
  const used =
    session.max_requests === null
      ? counted(session.requests, 'request')
      : `${formatNumber(session.requests)} of ${counted(session.max_requests, 'request')}`
  return (
    <Table.Tr data-session={session.id}>
      <Table.Td pl={26}>
        <Group gap={6} wrap="nowrap">
          <IconCornerDownRight size={14} aria-hidden style={{ color: 'var(--hp-dim)', flexShrink: 0 }} />
          <div>
            <Text size="sm" className="hp-mono">
              {session.id}
            </Text>
            <Text size="xs" c="dimmed" className={styles.less}>
              Session token of {session.parent}
            </Text>
          </div>
        </Group>
      </Table.Td>
      <Table.Td>
        <Group gap={5} wrap="nowrap">
          <Text size="sm">{session.connection}</Text>
          <Badge size="sm" variant="default" tt="none">
            {session.permissions.join(', ')}
          </Badge>
        </Group>
        {session.resources !== null && (
          <Text size="xs" c="dimmed" className={styles.resources}>
            Limited to {session.resources.join(', ')}
          </Text>
        )}
      </Table.Td>
      <Table.Td className={styles.less}>—</Table.Td>
      <Table.Td className={styles.wide}>
        <Ago instant={session.created_at} />
      </Table.Td>
      <Table.Td className="hp-tabular">{used}</Table.Td>
      <Table.Td>
        <Countdown instant={session.expires_at} />
      </Table.Td>
      <Table.Td>
        <StatusLabel tone="ok">Active</StatusLabel>
      </Table.Td>
      <Table.Td ta="right">
        <Tooltip label="Revoke session token">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Revoke session token ${session.id}`}
            loading={revoke.isPending}
            onClick={() => revoke.mutate({ id: session.id })}
          >
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      </Table.Td>
    </Table.Tr>
  )
}
