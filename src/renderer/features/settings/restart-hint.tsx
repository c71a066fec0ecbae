import { Alert, Button, Group } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import type { InferContractRouterOutputs } from '@orpc/contract'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { WindowApi } from '../../../contract/owner-api.ts'
import type { Settings } from '../../../contract/settings.ts'
import { plural, t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { ClientsToRepair } from './clients-to-repair.tsx'

/** Says what a restart would change, and restarts. Afterward, offers to repair clients that no longer find Hallpass. */
export function RestartHint({ settings }: { settings: Settings }) {
  const { owner, query, shell } = useApi()
  const { data: status, refetch } = useQuery(query.status.queryOptions({ refetchOnMount: 'always' }))
  const [isRunning, setRunning] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  if (status === undefined) return null
  if (status.restart_needed.length === 0) return <ClientsToRepair />
  const changes = LIST.format(status.restart_needed.map((name) => changeText(name, settings, status)))
  const apply = async (): Promise<void> => {
    setRunning(true)
    setProblem(null)
    try {
      const { page } = await owner.settings.rebind()
      // A page of the web console comes from the old address, which is gone.
      if (shell === null && page !== null) window.location.assign(`${page}/settings`)
      else await refetch()
    } catch (thrown) {
      setProblem(callErrorOf(thrown).sentence)
    } finally {
      setRunning(false)
    }
  }
  return (
    <Alert color="amber" variant="light" icon={<IconRefresh size={18} />} mb="md" role="status">
      <Group justify="space-between" gap="sm">
        <span>
          {t`Restart to apply ${changes}.`}{' '}
          {status.requests_running > 0 &&
            t`${plural(status.requests_running, '# request is interrupted.', '# requests are interrupted.')}`}
        </span>
        <Button data-writes size="xs" variant="default" loading={isRunning} onClick={() => void apply()}>
          {t`Restart`}
        </Button>
      </Group>
      {problem !== null && (
        <p role="alert" style={{ margin: '8px 0 0', color: 'var(--hp-bad)' }}>
          {problem}
        </p>
      )}
    </Alert>
  )
}

const LIST = new Intl.ListFormat('en-GB')

type Status = InferContractRouterOutputs<WindowApi>['status']

function changeText(
  name: Status['restart_needed'][number],
  { host, port, tls }: Settings,
  { listening }: Status,
): string {
  switch (name) {
    case 'host':
      return t`listen address ${host} (now ${listening.host})`
    case 'port':
      return t`port ${port} (now ${listening.port})`
    case 'tls':
      return tls === null ? t`HTTP instead of HTTPS` : t`the TLS files`
    case 'trusted_proxy':
      return t`the trusted proxy`
    case 'public_url':
      return t`the public URL`
  }
}
