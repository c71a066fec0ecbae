import { Anchor, Button, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ClientRecord } from '../../../contract/records.ts'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { ChangeClient } from '../connect/change-client.tsx'
import type { Sample } from './find-sample.ts'
import { Step } from './step.tsx'

const MAX_OFFERED = 4

interface ConnectStepProps {
  sample: Sample
  clients: readonly ClientRecord[]
  done: boolean
}

/** Done when a client has an entry of Hallpass, or has called. */
export function ConnectStep({ sample: { project }, clients, done }: ConnectStepProps) {
  const { query } = useApi()
  const { data: tokens } = useQuery(query.tokens.list.queryOptions({ input: { project } }))
  const [chosen, setChosen] = useState<ClientRecord | null>(null)
  const token = tokens?.find(({ kind, status }) => kind === 'local' && status === 'active')?.name
  const offered = clients.filter(({ state }) => state === 'installed' || state === 'drifted').slice(0, MAX_OFFERED)
  const connected = clients.filter(({ state }) => state === 'connected').map(({ name }) => name)
  return (
    <Step
      number={2}
      title={t`Connect a client`}
      done={done}
      seen={connected.length === 0 ? t`A client has called.` : t`Connected: ${connected.join(', ')}.`}
    >
      <p>{t`Claude, an IDE agent or any other MCP client. It gets the permissions of a token, never your keys.`}</p>
      <Group gap="xs">
        {token !== undefined &&
          offered.map((client) => (
            <Button data-writes key={client.id} size="xs" variant="default" onClick={() => setChosen(client)}>
              {t`Connect ${client.name}`}
            </Button>
          ))}
        <Anchor
          size="sm"
          renderRoot={(props) => <Link to="/projects/$project/connect" params={{ project }} {...props} />}
        >{t`All clients`}</Anchor>
      </Group>
      {chosen !== null && (
        <ChangeClient
          client={chosen}
          project={project}
          token={token}
          action="connect"
          opened
          onClose={() => setChosen(null)}
        />
      )}
    </Step>
  )
}
