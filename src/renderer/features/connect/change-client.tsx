import { Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { t } from '../../../contract/text/translate.ts'
import type { ClientRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { useSaved } from '../../ui/use-saved.tsx'
import { ConfigDiff } from './config-diff.tsx'
import styles from './connect.module.css'

interface ChangeClientProps {
  client: ClientRecord
  project: string
  token: string | undefined
  action: 'connect' | 'disconnect'
  opened: boolean
  onClose: () => void
}

/** Shows exactly what will be written, then writes it. If the file has changed since, nothing is written. */
export function ChangeClient({ client, project, token, action, opened, onClose }: ChangeClientProps) {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const saved = useSaved()
  const choice = { client: client.id, project, ...(token === undefined ? {} : { token }) }
  const {
    data: preview,
    error,
    refetch,
  } = useQuery(
    query.clients.preview.queryOptions({
      input: { ...choice, act: action },
      enabled: opened,
      retry: false,
      staleTime: 0,
      gcTime: 0,
    }),
  )
  const connecting = action === 'connect'
  const refresh = () => queries.invalidateQueries({ queryKey: query.clients.list.key() })
  const undoOf = async (): Promise<(() => Promise<void>) | null> => {
    // Nothing was written, so there is nothing to undo.
    if (preview?.diff === '') return null
    if (connecting && client.state !== 'installed')
      return async () => {
        await owner.clients.restore({ client: client.id, project })
        await refresh()
      }
    const former = connecting || client.token === null ? choice : { ...choice, token: client.token }
    const act = connecting ? ('disconnect' as const) : ('connect' as const)
    // If the file changes until then, the engine writes nothing.
    const next = await owner.clients.preview({ ...former, act }).catch(() => null)
    if (next === null) return null
    const { version: seen } = next
    return async () => {
      await owner.clients[act]({ ...former, seen })
      await refresh()
    }
  }
  const write = async (): Promise<void> => {
    const seen = preview === undefined ? {} : { seen: preview.version }
    try {
      await (connecting
        ? owner.clients.connect({ ...choice, ...seen })
        : owner.clients.disconnect({ ...choice, ...seen }))
      await refresh()
      const undo = await undoOf()
      const said = !connecting
        ? t`Disconnected ${client.name}`
        : client.state === 'drifted'
          ? t`Repaired ${client.name}`
          : t`Connected ${client.name}`
      if (undo !== null) saved(undo, said)
    } catch (thrown) {
      await refetch()
      throw thrown
    }
  }
  return (
    <Confirm
      opened={opened}
      calm={connecting}
      known={preview !== undefined}
      size="lg"
      title={connecting ? t`Connect ${client.name}` : t`Disconnect ${client.name}`}
      action={connecting ? t`Save to ${client.name}` : t`Disconnect`}
      onConfirm={write}
      onClose={onClose}
    >
      <Stack gap="sm">
        <Text size="sm">
          {connecting
            ? t`Only these lines of the client's file change. Hallpass backs up the file first. Disconnecting removes exactly this entry.`
            : t`Only these lines of the client's file change.`}
        </Text>
        <p className={styles.path}>{preview?.config_path ?? client.config_path}</p>
        {error !== null && (
          <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>
            {callErrorOf(error).sentence}
          </Text>
        )}
        {preview !== undefined && <ConfigDiff text={preview.diff} />}
        <Text size="sm" c="dimmed">{t`Restart ${client.name} to apply the change.`}</Text>
      </Stack>
    </Confirm>
  )
}
