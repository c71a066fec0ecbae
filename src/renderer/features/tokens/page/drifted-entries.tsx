import { Button, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { ClientRecord, TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { ChangeClient } from '../../connect/change-client.tsx'
import styles from './token-page.module.css'

/** Offers to repair the clients of this computer that still start Hallpass with the token's former name. */
export function DriftedEntries({ token: { project, name }, former }: { token: TokenRecord; former: string }) {
  const { query } = useApi()
  const clients = useQuery(query.clients.list.queryOptions({ input: { project }, staleTime: 0 }))
  const [repairing, setRepairing] = useState<ClientRecord | null>(null)
  const drifted = (clients.data ?? []).filter((client) => client.token === former && client.state === 'drifted')
  return (
    <>
      {drifted.map((client) => (
        <Group key={client.id} gap="xs" role="status" className={styles.notice}>
          <Text size="sm">{t`${client.name} still connects as ${former}, which no longer exists.`}</Text>
          <Button
            data-writes
            size="xs"
            variant="default"
            onClick={() => setRepairing(client)}
            aria-label={t`Repair ${client.name}`}
          >{t`Repair`}</Button>
        </Group>
      ))}
      {repairing !== null && (
        <ChangeClient
          client={repairing}
          project={project}
          token={name}
          action="connect"
          opened
          onClose={() => setRepairing(null)}
        />
      )}
    </>
  )
}
