import { Button, Skeleton, Text } from '@mantine/core'
import { IconDatabasePlus, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { AddConnection } from './add/add-connection.tsx'
import { ConnectionCard } from './connection-card.tsx'
import styles from './connections-screen.module.css'

export function ConnectionsScreen() {
  const { project } = useParams({ from: '/projects/$project/connections' })
  const { query } = useApi()
  const { data: connections, error } = useQuery(query.connections.list.queryOptions({ input: { project } }))
  const [adding, setAdding] = useState(false)
  const addButton = useRef<HTMLButtonElement>(null)
  const add = (
    <Button ref={addButton} leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Add connection
    </Button>
  )
  const empty = connections?.length === 0
  return (
    <Page
      title="Connections"
      hint="Documents, APIs and MCP servers that this project's tokens can use."
      actions={empty ? undefined : add}
    >
      {connections === undefined && error !== null && <Text role="alert">{callErrorOf(error).sentence}</Text>}
      {connections === undefined && error === null && (
        <div className={styles.grid} aria-hidden>
          <Skeleton height={190} />
          <Skeleton height={190} />
        </div>
      )}
      {empty && (
        <EmptyState icon={<IconDatabasePlus size={36} stroke={1.4} />} title="No connections yet" action={add}>
          Connect a document, an HTTP API or an MCP server. Hallpass keeps its key, and you choose which tokens can use
          it.
        </EmptyState>
      )}
      {connections !== undefined && !empty && (
        <ul className={styles.grid} aria-label="Connections of this project">
          {connections.map((connection) => (
            <li key={connection.name}>
              <ConnectionCard connection={connection} project={project} />
            </li>
          ))}
        </ul>
      )}
      <AddConnection
        project={project}
        opened={adding}
        onClose={() => setAdding(false)}
        onClosed={() => addButton.current?.focus()}
      />
    </Page>
  )
}
