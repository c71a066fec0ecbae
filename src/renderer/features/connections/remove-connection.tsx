import { Radio, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { plural, t } from '../../../contract/text/translate.ts'
import type { ConnectionRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { DependentsList } from '../../ui/dependents-list.tsx'

interface RemoveConnectionProps {
  connection: ConnectionRecord
  project: string
  opened: boolean
  onClose: () => void
  /** Called once it is no longer in the project. */
  onRemoved: () => void
}

/** Removes a connection from one project or deletes it everywhere, and names what depends on it in each case. */
export function RemoveConnection({ connection, project, opened, onClose, onRemoved }: RemoveConnectionProps) {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const { name } = connection
  const [reach, setReach] = useState<'project' | 'everywhere'>('project')
  const everywhere = reach === 'everywhere'
  const input = everywhere ? { name } : { name, project }
  const { data: dependents } = useQuery(
    query.connections.dependents.queryOptions({ input, enabled: opened, staleTime: 0 }),
  )
  const close = (): void => {
    setReach('project')
    onClose()
  }
  const remove = async (): Promise<void> => {
    if (everywhere) await owner.connections.delete({ name })
    else await owner.connections.exclude({ name, project })
    onRemoved()
    await queries.invalidateQueries({ queryKey: query.connections.list.key() })
    document.getElementById('main')?.focus()
  }
  return (
    <Confirm
      opened={opened}
      title={t`Remove ${name}`}
      action={everywhere ? t`Delete connection` : t`Remove from ${project}`}
      onConfirm={remove}
      onClose={close}
    >
      <Stack gap="sm">
        <Radio.Group
          aria-label={t`Scope`}
          value={reach}
          onChange={(value) => setReach(value === 'everywhere' ? 'everywhere' : 'project')}
        >
          <Stack gap="xs">
            <Radio
              value="project"
              label={t`Remove from ${project}`}
              description={t`Keeps the connection. You can add it to this or other projects again.`}
            />
            <Radio value="everywhere" label={t`Delete everywhere`} description={deletion(connection)} />
          </Stack>
        </Radio.Group>
        {dependents !== undefined && (
          <div>
            <Text size="sm" fw={600}>{t`Effect`}</Text>
            <DependentsList
              dependents={everywhere ? dependents : { ...dependents, projects: [] }}
              lost={(count) => t`${plural(count, '# token loses access', '# tokens lose access')}`}
            />
          </div>
        )}
      </Stack>
    </Confirm>
  )
}

function deletion({ kind, secret }: ConnectionRecord): string {
  if (kind === 'sqlite') return t`Permanently deletes the connection. The database file is not deleted.`
  if (secret === 'keychain' || secret === 'vault') return t`Permanently deletes the connection and its secret.`
  return t`Permanently deletes the connection.`
}
