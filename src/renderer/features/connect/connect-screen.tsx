import { Alert, Button, Group, Select, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { Permission } from '../../../contract/grants.ts'
import type { ClientRecord, TokenRecord } from '../../../contract/records.ts'
import { plural, t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { ClientRow } from './client-row.tsx'
import styles from './connect.module.css'
import { OtherClients } from './other-clients.tsx'
import { ToolsShown } from './tools-shown.tsx'

const ORDER = { connected: 0, drifted: 1, unreadable: 2, installed: 3, absent: 4 } as const

export function ConnectScreen() {
  const { project } = useParams({ from: '/projects/$project/connect' })
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  // Other programs write these files without any notification.
  const { data: clients, error } = useQuery(
    query.clients.list.queryOptions({
      input: { project },
      enabled: status?.clients_available === true,
      retry: false,
      staleTime: 0,
      refetchOnWindowFocus: true,
    }),
  )
  const unavailable = status?.clients_available === false
  const { data: tokens } = useQuery(query.tokens.list.queryOptions({ input: { project } }))
  // Shown together: a part that comes later would move what is read.
  const { data: record } = useQuery(query.projects.get.queryOptions({ input: { name: project } }))
  const hasClients = clients !== undefined || error !== null || unavailable
  const hasCome = hasClients && tokens !== undefined && record !== undefined
  const { token: chosen } = useSearch({ from: '/projects/$project/connect' })
  const navigate = useNavigate()
  const locals = (tokens ?? []).filter(({ kind, status: state }) => kind === 'local' && state === 'active')
  const token = locals.find(({ name }) => name === chosen) ?? locals[0]
  const isPaused = status?.paused === true || token?.paused === true
  const here = sorted(clients ?? []).filter(({ state }) => state !== 'absent')
  const absent = sorted(clients ?? []).filter(({ state }) => state === 'absent')
  const hasNone = clients !== undefined && here.length === 0
  const others = <OtherClients project={project} token={token?.name} absent={absent} />
  return (
    <Page title={t`Connect`} hint={t`Which clients use Hallpass, and as whom. No secret is written to their files.`}>
      {!hasCome && <SkeletonRows rows={8} height={56} />}
      {hasCome && (
        <div className={styles.column}>
          <Group align="flex-end" gap="sm">
            {token === undefined ? (
              <Text size="sm">{t`Clients on this computer use a local token.`}</Text>
            ) : (
              <>
                <Select
                  label={t`Clients use`}
                  data={locals.map(({ name }) => name)}
                  value={token.name}
                  w={260}
                  onChange={(name) =>
                    void navigate({
                      to: '/projects/$project/connect',
                      params: { project },
                      search: name === null ? {} : { token: name },
                      replace: true,
                    })
                  }
                  allowDeselect={false}
                  classNames={{ input: 'hp-mono' }}
                />
                <Link
                  to="/projects/$project/tokens/$token"
                  params={{ project, token: token.name }}
                  className={styles.reach}
                >
                  {reachText(token)}
                </Link>
              </>
            )}
            <Button
              data-key="n"
              variant="default"
              renderRoot={(props) => (
                <Link
                  to="/projects/$project/tokens/new"
                  params={{ project }}
                  search={{ kind: 'local', return: `/projects/${project}/connect` }}
                  {...props}
                />
              )}
            >{t`New local token`}</Button>
          </Group>
          {(error !== null || unavailable) && (
            <Alert color="gray" variant="light" title={t`Couldn't read the clients on this computer`}>
              {t`${
                unavailable
                  ? t`This copy of Hallpass runs from a temporary location, so clients couldn't find it later. Install Hallpass to connect them.`
                  : callErrorOf(error).sentence
              } You can still use the snippets below.`}
            </Alert>
          )}
          {here.length > 0 && (
            <section aria-labelledby="clients-here">
              <Title order={2} size="h5" id="clients-here" mb="xs">{t`On this computer`}</Title>
              <ul className={styles.clients}>
                {here.map((client) => (
                  <li key={client.id}>
                    <ClientRow client={client} project={project} token={token?.name} paused={isPaused} />
                  </li>
                ))}
              </ul>
            </section>
          )}
          {hasNone && <Text c="dimmed" size="sm">{t`No known client found here.`}</Text>}
          {hasNone && others}
          <ToolsShown project={project} token={token} />
          {!hasNone && others}
        </div>
      )}
    </Page>
  )
}

function sorted(clients: readonly ClientRecord[]): ClientRecord[] {
  return clients.toSorted((one, other) => ORDER[one.state] - ORDER[other.state] || one.name.localeCompare(other.name))
}

/** "reads 12, writes 3 connections" */
function reachText({ grants }: TokenRecord): string {
  const on = (permission: Permission): number =>
    new Set(grants.filter(({ permissions }) => permissions.includes(permission)).map(({ connection }) => connection))
      .size
  const [reads, writes] = [on('read'), on('write')]
  if (reads + writes === 0) return t`no permissions yet`
  if (writes === 0) return t`reads ${plural(reads, '# connection', '# connections')}`
  if (reads === 0) return t`writes ${plural(writes, '# connection', '# connections')}`
  return t`reads ${reads}, writes ${plural(writes, '# connection', '# connections')}`
}
