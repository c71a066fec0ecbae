import { Alert } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../../contract/text/translate.ts'
import type { Settings } from '../../../contract/settings.ts'
import { useApi } from '../../lib/api.tsx'

/** Says what a restart would change. Nothing if Hallpass already listens where the settings say. */
export function RestartHint({ settings: { host, port } }: { settings: Settings }) {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  if (status === undefined || status.restart_needed.length === 0) return null
  const now = new URL(status.url)
  const changes = status.restart_needed.map((name) =>
    name === 'port' ? t`port ${port} (now ${now.port})` : t`listen address ${host} (now ${now.hostname})`,
  )
  return (
    <Alert
      color="amber"
      variant="light"
      icon={<IconRefresh size={18} />}
      mb="md"
      role="status"
    >{t`Restart Hallpass to apply ${changes.join(' and ')}. Running requests are interrupted.`}</Alert>
  )
}
