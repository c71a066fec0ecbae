import { useQuery } from '@tanstack/react-query'
import type { ConnectionRecord } from '../../../../../contract/records.ts'
import { useApi } from '../../../../lib/api.tsx'
import { Loading } from '../../../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../../../ui/loading/skeleton-rows.tsx'
import { SettingsForm } from './settings-form.tsx'
import { GRIST_EDITOR, HTTP_EDITOR, MCP_EDITOR, SQLITE_EDITOR } from './editors.tsx'

interface ConnectionSettingsProps {
  project: string
  connection: ConnectionRecord
  /** Called with whether the form has changes. */
  onEdited: (isEdited: boolean) => void
}

/** Every setting of a connection. What was typed stays if the record changes elsewhere, and then isn't saved over it. */
export function ConnectionSettings({ project, connection, onEdited }: ConnectionSettingsProps) {
  const { query } = useApi()
  const config = useQuery(
    query.connections.config.queryOptions({ input: { name: connection.name }, staleTime: 0, retry: false }),
  )
  return (
    <Loading query={config} skeleton={<SkeletonRows rows={5} height={64} />}>
      {(stored) => {
        const shared = { project, connection, onEdited }
        switch (stored.kind) {
          case 'grist':
            return <SettingsForm {...shared} stored={stored} editor={GRIST_EDITOR} />
          case 'sqlite':
            return <SettingsForm {...shared} stored={stored} editor={SQLITE_EDITOR} />
          case 'http':
            return <SettingsForm {...shared} stored={stored} editor={HTTP_EDITOR} />
          case 'mcp':
            return <SettingsForm {...shared} stored={stored} editor={MCP_EDITOR} />
        }
      }}
    </Loading>
  )
}
