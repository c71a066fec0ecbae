import { Button, Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { ConnectionRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { Loading } from '../../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../../ui/page.tsx'
import { StatusLabel } from '../../../ui/status-label.tsx'
import { ConnectionHealth } from '../connection-health.tsx'
import { KIND_LABELS } from '../connection-kinds.ts'
import { ConnectionMenu } from '../connection-menu.tsx'
import { HttpDetails } from '../details/http-details.tsx'
import { McpDiagnostics } from '../details/mcp-diagnostics.tsx'
import { RemoveConnection } from '../remove-connection.tsx'
import { useConnectionTests } from '../use-connection-tests.ts'
import { usePauseConnection } from '../use-pause-connection.ts'
import styles from './connection-page.module.css'
import { BackToConnections, ConnectionName, useRenameConnection, type RenameConnection } from './connection-name.tsx'
import { ConnectionOverview } from './connection-overview.tsx'
import { ConnectionSettings } from './settings/connection-settings.tsx'
import { McpTools } from './tools/mcp-tools.tsx'
import { WhoCanUse } from './who-can-use.tsx'

/** What one connection is, who can use it, and what it offers. */
export function ConnectionPage() {
  const { project, connection: name } = useParams({ from: '/projects/$project/connections/$connection' })
  const { query } = useApi()
  const rename = useRenameConnection(project)
  const connection = useQuery(query.connections.get.queryOptions({ input: { name }, retry: false }))
  if (connection.data === undefined)
    return (
      <Page title={name} hint={<BackToConnections project={project} />}>
        <Loading query={connection} skeleton={<SkeletonRows rows={6} />}>
          {() => null}
        </Loading>
      </Page>
    )
  return <LoadedConnection key={name} project={project} connection={connection.data} onRename={rename} />
}

interface LoadedConnectionProps {
  project: string
  connection: ConnectionRecord
  onRename: RenameConnection
}

function LoadedConnection({ project, connection, onRename }: LoadedConnectionProps) {
  const { name, kind, description, health } = connection
  const { tab: chosen } = useSearch({ from: '/projects/$project/connections/$connection' })
  const navigate = useNavigate()
  const tests = useConnectionTests()
  const outcome = tests.outcomes.get(name)
  const pause = usePauseConnection()
  const [removing, setRemoving] = useState(false)
  const [isEdited, setEdited] = useState(false)
  const tabs = tabsOf(connection)
  const first =
    health.state === 'down' && kind === 'mcp'
      ? 'diagnostics'
      : (connection.tools?.review ?? 0) > 0
        ? 'tools'
        : 'overview'
  const tab = tabs.some(([value]) => value === chosen) ? chosen : first
  return (
    <Page
      title={name}
      heading={<ConnectionName project={project} connection={connection} editable={!isEdited} onRename={onRename} />}
      fill
      hint={
        <span className={styles.facts}>
          <span>{KIND_LABELS[kind].label}</span>
          <ConnectionHealth connection={connection} />
          {description !== '' && <span className={styles.description}>{description}</span>}
        </span>
      }
      actions={
        <>
          {tests.running.has(name) ? (
            <Button
              variant="default"
              onClick={tests.stop}
              aria-label={t`Cancel the test of ${name}`}
            >{t`Cancel test`}</Button>
          ) : (
            <Button
              data-writes
              variant="default"
              onClick={() => void tests.test(name)}
              aria-label={t`Test ${name}`}
            >{t`Test`}</Button>
          )}
          <Button
            data-writes
            variant="default"
            onClick={() => pause(connection)}
            aria-label={connection.paused ? t`Resume ${name}` : t`Pause ${name}`}
          >
            {connection.paused ? t`Resume` : t`Pause`}
          </Button>
          <Button
            data-writes
            variant="default"
            onClick={() => setRemoving(true)}
            aria-label={t`Remove ${name}`}
          >{t`Remove…`}</Button>
          <ConnectionMenu project={project} name={name} />
        </>
      }
    >
      <div className={styles.outcome} role="status">
        {outcome !== undefined && <StatusLabel tone={outcome.ok ? 'ok' : 'bad'}>{outcome.sentence}</StatusLabel>}
      </div>
      <Tabs
        value={tab ?? null}
        keepMounted={false}
        className={styles.tabs ?? ''}
        onChange={(value) => {
          if (value !== null)
            void navigate({
              to: '/projects/$project/connections/$connection',
              params: { project, connection: name },
              search: { tab: value },
              replace: true,
            })
        }}
      >
        <Tabs.List>
          {tabs.map(([value, label]) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview" className={styles.panel}>
          <ConnectionOverview project={project} connection={connection} />
        </Tabs.Panel>
        <Tabs.Panel value="tools" className={kind === 'mcp' ? styles.fill : styles.panel}>
          {kind === 'mcp' ? <McpTools connection={connection} /> : <HttpDetails name={name} />}
        </Tabs.Panel>
        <Tabs.Panel value="access" className={styles.panel}>
          <WhoCanUse name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={styles.panel}>
          <ConnectionSettings project={project} connection={connection} onEdited={setEdited} />
        </Tabs.Panel>
        <Tabs.Panel value="diagnostics" className={styles.panel}>
          <McpDiagnostics connection={connection} />
        </Tabs.Panel>
      </Tabs>
      <RemoveConnection
        connection={connection}
        project={project}
        opened={removing}
        onClose={() => setRemoving(false)}
        onRemoved={() => void navigate({ to: '/projects/$project/connections', params: { project } })}
      />
    </Page>
  )
}

function tabsOf({ kind, tools, tokens }: ConnectionRecord): [value: string, label: string][] {
  const count = tools === null ? '' : ` ${tools.on + tools.off + tools.review}`
  return [
    ['overview', t`Overview`],
    ...(kind === 'mcp' || kind === 'http' ? [['tools', t`Tools${count}`] as [string, string]] : []),
    ['access', t`Who can use it ${tokens}`],
    ['settings', t`Settings`],
    ...(kind === 'mcp' ? [['diagnostics', t`Diagnostics`] as [string, string]] : []),
  ]
}
