import { Button, ScrollArea, Table, Text } from '@mantine/core'
import { IconClockPlay, IconKey, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Fragment, useState } from 'react'
import type { TokenRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { CreateToken } from './create/create-token.tsx'
import { MintSession } from './mint-session.tsx'
import { SessionRow } from './session-row.tsx'
import { TokenRow } from './token-row.tsx'
import styles from './tokens.module.css'

const COLUMNS = [
  { name: 'Name' },
  { name: 'Access' },
  { name: 'Prefix', className: styles.less },
  { name: 'Created', className: styles.wide },
  { name: 'Last used' },
  { name: 'Expires' },
  { name: 'Status' },
] as const

/** The project's tokens, each with its session tokens. Session tokens of the owner come last. */
export function TokensScreen() {
  const { project } = useParams({ from: '/projects/$project/tokens' })
  const { query } = useApi()
  const { data: tokens } = useQuery(query.tokens.list.queryOptions({ input: { project } }))
  const { data: sessions } = useQuery(query.sessions.list.queryOptions({ input: { project } }))
  const [creating, setCreating] = useState<{ from: TokenRecord | null } | null>(null)
  const [minting, setMinting] = useState(false)
  const owners = sessions?.filter((session) => session.of_owner) ?? []
  const nothing = tokens?.length === 0 && owners.length === 0
  return (
    <Page
      title="Tokens"
      hint="Each token gives one agent or person access to this project. Session tokens are short-lived and made for scripts."
      actions={
        <>
          <Button variant="default" leftSection={<IconClockPlay size={16} />} onClick={() => setMinting(true)}>
            New session token
          </Button>
          <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating({ from: null })}>
            New token
          </Button>
        </>
      }
    >
      {nothing && (
        <EmptyState
          icon={<IconKey size={36} stroke={1.4} />}
          title="No tokens yet"
          action={<Button onClick={() => setCreating({ from: null })}>New token</Button>}
        >
          A token defines what one agent can do in this project. Create one for each agent.
        </EmptyState>
      )}
      {tokens !== undefined && !nothing && (
        <ScrollArea type="auto">
          <Table className={styles.table} aria-label={`Tokens of ${project}`}>
            <Table.Thead>
              <Table.Tr>
                {COLUMNS.map(({ name, ...column }) => (
                  <Table.Th key={name} {...column}>
                    {name}
                  </Table.Th>
                ))}
                <Table.Th>
                  <Text span size="sm" className="hp-hidden">
                    Actions
                  </Text>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {tokens.map((token) => (
                <Fragment key={token.name}>
                  <TokenRow token={token} onClone={() => setCreating({ from: token })} />
                  {sessions
                    ?.filter((session) => !session.of_owner && session.parent === token.name)
                    .map((session) => (
                      <SessionRow key={session.id} session={session} />
                    ))}
                </Fragment>
              ))}
              {owners.map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      )}
      {creating !== null && <CreateToken project={project} from={creating.from} onClose={() => setCreating(null)} />}
      {minting && <MintSession project={project} onClose={() => setMinting(false)} />}
    </Page>
  )
}
