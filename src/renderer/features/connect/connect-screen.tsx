import { Alert, Anchor, Select, Skeleton, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { ClientRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { Page } from '../../ui/page.tsx'
import { ClientCard } from './client-card.tsx'
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
  const [chosen, setChosen] = useState<string | null>(null)
  const locals = (tokens ?? [])
    .filter(({ kind, status }) => kind === 'local' && status === 'active')
    .map(({ name }) => name)
  const token = chosen !== null && locals.includes(chosen) ? chosen : locals[0]
  const here = sorted(clients ?? []).filter(({ state }) => state !== 'absent')
  const absent = sorted(clients ?? []).filter(({ state }) => state === 'absent')
  return (
    <Page title="Connect" hint="Add Hallpass to an MCP client's configuration. No secret is written.">
      <div className={styles.column}>
        {tokens !== undefined &&
          (locals.length === 0 ? (
            <Alert color="amber" variant="light" title="No local token in this project">
              Clients on this computer use a local token.{' '}
              <Anchor
                renderRoot={(props) => (
                  <Link
                    to="/projects/$project/tokens/new"
                    params={{ project }}
                    search={{ kind: 'local', return: `/projects/${project}/connect` }}
                    {...props}
                  />
                )}
              >
                Create one
              </Anchor>{' '}
              with the access the client should have.
            </Alert>
          ) : (
            <Select
              label="Token for clients"
              description="Clients get the access of this local token."
              data={locals}
              value={token ?? null}
              maw={320}
              onChange={setChosen}
              allowDeselect={false}
              classNames={{ input: 'hp-mono' }}
            />
          ))}
        {clients === undefined && error === null && !unavailable && <Skeleton height={120} />}
        {(error !== null || unavailable) && (
          <Alert color="gray" variant="light" title="Couldn't read the clients on this computer">
            {unavailable
              ? "This copy of Hallpass runs from a temporary location, so clients couldn't find it later. Install Hallpass to connect them."
              : callErrorOf(error).sentence}{' '}
            You can still use the snippets below.
          </Alert>
        )}
        {here.length > 0 && (
          <section aria-labelledby="clients-here">
            <Title order={2} size="h5" id="clients-here" mb="xs">
              On this computer
            </Title>
            <ul className={styles.clients}>
              {here.map((client) => (
                <li key={client.id}>
                  <ClientCard client={client} project={project} token={token} />
                </li>
              ))}
            </ul>
          </section>
        )}
        {clients !== undefined && here.length === 0 && (
          <Text c="dimmed" size="sm">
            No supported clients found. Use the snippets below for any other client.
          </Text>
        )}
        <ToolsShown project={project} />
        <OtherClients project={project} token={token} absent={absent} />
      </div>
    </Page>
  )
}

function sorted(clients: readonly ClientRecord[]): ClientRecord[] {
  return clients.toSorted((one, other) => ORDER[one.state] - ORDER[other.state] || one.name.localeCompare(other.name))
}
