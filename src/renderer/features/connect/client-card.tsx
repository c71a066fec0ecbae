import { t } from '../../../contract/text/translate.ts'
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ClientRecord } from '../../../contract/records.ts'
import { StatusLabel, type Tone } from '../../ui/status-label.tsx'
import { ChangeClient } from './change-client.tsx'
import styles from './connect.module.css'

const STATES: Record<ClientRecord['state'], { tone: Tone; label: string }> = {
  connected: { tone: 'ok', label: 'Connected' },
  drifted: { tone: 'bad', label: 'Needs repair' },
  unreadable: { tone: 'bad', label: "Can't be read" },
  installed: { tone: 'none', label: 'Not connected' },
  absent: { tone: 'none', label: 'Not installed' },
}

interface ClientCardProps {
  client: ClientRecord
  project: string
  token: string | undefined
}

/** A client's state according to its own configuration. Changes are previewed first. */
export function ClientCard({ client, project, token }: ClientCardProps) {
  const { name, state, config_path: path, message } = client
  const [action, setAction] = useState<'connect' | 'disconnect'>('connect')
  const [opened, setOpened] = useState(false)
  const open = (chosen: 'connect' | 'disconnect') => () => {
    setAction(chosen)
    setOpened(true)
  }
  const { tone, label } = STATES[state]
  const ours = state === 'connected' || state === 'drifted'
  return (
    <article className={styles.client} aria-label={name}>
      <header>
        <h3>{name}</h3>
        <StatusLabel tone={tone}>{label}</StatusLabel>
      </header>
      <p className={styles.path}>{path}</p>
      {message !== null && <p className={styles.message}>{message}</p>}
      <div className={styles.acts}>
        {state !== 'connected' && state !== 'unreadable' && (
          <Button
            size="xs"
            disabled={token === undefined}
            onClick={open('connect')}
            aria-label={ours ? t`Repair ${name}` : t`Connect ${name}`}
          >
            {ours ? 'Repair' : 'Connect'}
          </Button>
        )}
        {state === 'connected' && (
          <Button
            size="xs"
            variant="default"
            disabled={token === undefined}
            onClick={open('connect')}
            aria-label={`Rewrite the entry of ${name}`}
          >
            Rewrite
          </Button>
        )}
        {ours && (
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            onClick={open('disconnect')}
            aria-label={`Disconnect ${name}`}
          >
            Disconnect
          </Button>
        )}
      </div>
      <ChangeClient
        client={client}
        project={project}
        token={token}
        action={action}
        opened={opened}
        onClose={() => setOpened(false)}
      />
    </article>
  )
}
