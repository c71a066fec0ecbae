import { Button, Select, TextInput } from '@mantine/core'
import { IconDatabasePlus, IconPlus } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useLocation, useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { plural, t } from '../../../contract/text/translate.ts'
import type { ConnectionRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { formatNumber } from '../../lib/format.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loading } from '../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { DataTable } from '../../ui/table/data-table.tsx'
import { KIND_LABELS } from './connection-kinds.ts'
import styles from './connections-screen.module.css'
import { connectionColumns } from './list/connection-columns.tsx'
import { EMPTY_FILTER, matchesFilter } from './list/connection-filter.ts'
import { RemoveConnection } from './remove-connection.tsx'
import { useConnectionTests } from './use-connection-tests.ts'
import { usePauseConnection } from './use-pause-connection.ts'

const KINDS = [
  { value: '', label: t`All kinds` },
  ...Object.entries(KIND_LABELS).map(([value, { label }]) => ({ value, label })),
]
const STATES = [
  { value: '', label: t`Any health` },
  { value: 'up', label: t`Up` },
  { value: 'down', label: t`Down` },
  { value: 'review', label: t`Needs review` },
  { value: 'paused', label: t`Paused` },
  { value: 'unknown', label: t`Not checked` },
]

export function ConnectionsScreen() {
  const { project } = useParams({ from: '/projects/$project/connections' })
  const { query } = useApi()
  const connections = useQuery(query.connections.list.queryOptions({ input: { project } }))
  const addLink = useRef<HTMLAnchorElement>(null)
  const { isAdded } = useLocation().state
  const empty = connections.data === undefined ? undefined : connections.data.length === 0
  useEffect(() => {
    // The first connection moves the link, and the focus with it.
    if (isAdded === true && empty !== undefined && document.activeElement === document.body) addLink.current?.focus()
  }, [isAdded, empty])
  const tests = useConnectionTests()
  const names = connections.data?.map(({ name }) => name) ?? []
  const add = (
    <Button
      data-key="n"
      leftSection={<IconPlus size={16} />}
      renderRoot={(root) => (
        <Link {...root} ref={addLink} to="/projects/$project/connections/new" params={{ project }} />
      )}
    >{t`Add connection`}</Button>
  )
  return (
    <Page
      title={t`Connections`}
      hint={t`Documents, APIs and MCP servers that this project's tokens can use.`}
      fill
      actions={
        empty ? undefined : (
          <>
            {tests.progress === null ? (
              <Button
                data-writes
                variant="default"
                disabled={names.length === 0}
                onClick={() => void tests.testAll(names)}
              >{t`Test all`}</Button>
            ) : (
              <Button variant="default" onClick={tests.stop}>
                {t`${formatNumber(tests.progress.done)} of ${formatNumber(tests.progress.total)}, stop`}
              </Button>
            )}
            {add}
          </>
        )
      }
    >
      <Loading
        query={connections}
        skeleton={
          <div className={styles.skeleton}>
            <SkeletonRows head />
          </div>
        }
      >
        {(list) =>
          list.length === 0 ? (
            <EmptyState
              icon={<IconDatabasePlus size={36} stroke={1.4} />}
              title={t`No connections yet`}
              action={add}
            >{t`A connection leads to one document, API or MCP server. Its key stays here, and you choose which tokens can use it.`}</EmptyState>
          ) : (
            <ConnectionTable project={project} connections={list} tests={tests} />
          )
        }
      </Loading>
    </Page>
  )
}

interface ConnectionTableProps {
  project: string
  connections: readonly ConnectionRecord[]
  tests: ReturnType<typeof useConnectionTests>
}

function ConnectionTable({ project, connections, tests }: ConnectionTableProps) {
  const { query } = useApi()
  const navigate = useNavigate()
  const [filter, setFilter] = useState(EMPTY_FILTER)
  const { data: top } = useQuery(
    query.requests.top.queryOptions({
      input: { by: 'connection', project, since: '24h', steps: 24, limit: 1000 },
      placeholderData: keepPreviousData,
      refetchInterval: 60_000,
    }),
  )
  const series = useMemo(() => new Map(top?.rows.map((row) => [row.name, row.series])), [top])
  const shown = connections.filter((one) => matchesFilter(one, filter))
  const clear = (): void => setFilter(EMPTY_FILTER)
  const [removing, setRemoving] = useState<ConnectionRecord | null>(null)
  const pause = usePauseConnection()
  const actions = {
    onTest: ({ name }: ConnectionRecord) => void tests.test(name),
    onPause: pause,
    onRemove: setRemoving,
  }
  return (
    <>
      <div className={styles.toolbar} role="search">
        <TextInput
          size="xs"
          data-key="/"
          aria-label={t`Search connections`}
          placeholder={t`Search ${plural(connections.length, '# connection', '# connections')}`}
          value={filter.text}
          onChange={(event) => setFilter({ ...filter, text: event.currentTarget.value })}
        />
        <Select
          size="xs"
          w={150}
          aria-label={t`Kind`}
          data={KINDS}
          value={filter.kind}
          allowDeselect={false}
          onChange={(kind) => setFilter({ ...filter, kind: kind ?? '' })}
        />
        <Select
          size="xs"
          w={150}
          aria-label={t`Health`}
          data={STATES}
          value={filter.state}
          allowDeselect={false}
          onChange={(state) => setFilter({ ...filter, state: state ?? '' })}
        />
      </div>
      <DataTable
        name="connections"
        label={t`Connections of this project`}
        columns={connectionColumns({ project, series, tests, actions })}
        rows={shown}
        keyOf={({ name }) => name}
        onOpen={({ name }) =>
          void navigate({ to: '/projects/$project/connections/$connection', params: { project, connection: name } })
        }
        letters={[{ key: 't', label: t`Test the connection` }]}
        onKey={(event, { name }) => {
          if (event.key === 't') void tests.test(name)
        }}
        empty={
          <p className={styles.none}>
            {t`No results`} <Button size="compact-xs" variant="default" onClick={clear}>{t`Clear filters`}</Button>
          </p>
        }
      />
      {removing !== null && (
        <RemoveConnection
          key={removing.name}
          connection={removing}
          project={project}
          opened
          onClose={() => setRemoving(null)}
          onRemoved={() => setRemoving(null)}
        />
      )}
    </>
  )
}
