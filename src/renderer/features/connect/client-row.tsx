import { Button, Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ClientRecord } from '../../../contract/records.ts'
import { t } from '../../../contract/text/translate.ts'
import { MenuButton } from '../../ui/late/menu-button.tsx'
import { StatusLabel, type Tone } from '../../ui/status-label.tsx'
import { ChangeClient } from './change-client.tsx'
import { ClientSeen } from './client-seen.tsx'
import styles from './connect.module.css'

const STATES: Record<ClientRecord['state'], { tone: Tone; label: string }> = {
  connected: { tone: 'ok', label: t`Connected` },
  drifted: { tone: 'bad', label: t`Needs repair` },
  unreadable: { tone: 'bad', label: t`Can't be read` },
  installed: { tone: 'none', label: t`Not connected` },
  absent: { tone: 'none', label: t`Not installed` },
}

interface ClientRowProps {
  client: ClientRecord
  project: string
  token: string | undefined
  paused: boolean
}

/** A client: its state by its own configuration, as whom it connects, and when it was last seen. */
export function ClientRow({ client, project, token, paused }: ClientRowProps) {
  const { name, state, config_path: path, message, version } = client
  const [action, setAction] = useState<'connect' | 'disconnect'>('connect')
  const [opened, setOpened] = useState(false)
  const open = (chosen: 'connect' | 'disconnect') => () => {
    setAction(chosen)
    setOpened(true)
  }
  const { tone, label } = STATES[state]
  const isConnected = state === 'connected'
  const canDisconnect = isConnected || state === 'drifted'
  return (
    <article className={styles.client} aria-label={name}>
      <div className={styles.who}>
        <h3>
          {name} {version !== null && <span className={styles.version}>{version}</span>}
        </h3>
        <StatusLabel tone={isConnected && paused ? 'wait' : tone}>
          {isConnected && paused ? t`Connected, paused` : label}
        </StatusLabel>
      </div>
      <div className={styles.facts}>
        {isConnected ? <ClientSeen client={client} /> : <span className={styles.path}>{path}</span>}
        {message !== null && <span className={styles.message}>{message}</span>}
      </div>
      <div className={styles.acts}>
        {state !== 'unreadable' && !isConnected && (
          <Button
            data-writes
            size="xs"
            variant="default"
            disabled={token === undefined}
            onClick={open('connect')}
            aria-label={canDisconnect ? t`Repair ${name}` : t`Connect ${name}`}
          >
            {canDisconnect ? t`Repair` : t`Connect`}
          </Button>
        )}
        {isConnected && (
          <Button
            data-writes
            size="xs"
            variant="default"
            onClick={open('disconnect')}
            aria-label={t`Disconnect ${name}`}
          >{t`Disconnect`}</Button>
        )}
        {canDisconnect && (
          <ClientMenu
            client={client}
            project={project}
            canWrite={token !== undefined}
            onRewrite={open('connect')}
            onDisconnect={open('disconnect')}
          />
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

interface ClientMenuProps {
  client: ClientRecord
  project: string
  canWrite: boolean
  onRewrite: () => void
  onDisconnect: () => void
}

function ClientMenu({ client, project, canWrite, onRewrite, onDisconnect }: ClientMenuProps) {
  const navigate = useNavigate()
  const { name, reports_as: reported, state } = client
  return (
    <MenuButton label={t`More for ${name}`} width={200}>
      {() => (
        <>
          {reported !== null && (
            <Menu.Item
              onClick={() =>
                void navigate({
                  to: '/projects/$project/log',
                  params: { project },
                  search: { client: `~${reported}`, time: '24h' },
                })
              }
            >{t`Show requests`}</Menu.Item>
          )}
          {state === 'connected' ? (
            <Menu.Item data-writes disabled={!canWrite} onClick={onRewrite}>{t`Rewrite the entry`}</Menu.Item>
          ) : (
            <Menu.Item data-writes onClick={onDisconnect}>{t`Disconnect`}</Menu.Item>
          )}
        </>
      )}
    </MenuButton>
  )
}
