import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ConnectionRecord, Health } from '../../../contract/records.ts'
import { formatDuration } from '../../lib/format.ts'
import { Ago } from '../../ui/instant.tsx'
import { StatusLabel } from '../../ui/status-label.tsx'
import styles from './connection-card.module.css'
import { KIND_LABELS, secretLocation } from './connection-kinds.ts'
import { ConnectionDetails } from './details/connection-details.tsx'
import { ToolsToReview } from './details/tools-to-review.tsx'
import { RemoveConnection } from './remove-connection.tsx'
import { ReplaceSecret } from './replace-secret.tsx'
import { useConnectionTest } from './use-connection-test.ts'

const TONES = { up: 'ok', down: 'bad', unknown: 'none' } as const
const WORDS = { up: 'Up', down: 'Down', unknown: 'Not checked' } as const

export function ConnectionCard({ connection, project }: { connection: ConnectionRecord; project: string }) {
  const { name, kind, target, health, secret, last_used_at: lastUsed } = connection
  const { icon: Icon, label, secret: secretLabel } = KIND_LABELS[kind]
  const [open, setOpen] = useState<'secret' | 'remove' | 'details' | null>(null)
  const test = useConnectionTest(name)
  const close = (): void => setOpen(null)
  return (
    <article className={styles.card} aria-labelledby={`connection-${name}`}>
      <header className={styles.head}>
        <span className={styles.icon}>
          <Icon size={20} stroke={1.6} aria-hidden />
        </span>
        <div className={styles.title}>
          <h2 id={`connection-${name}`}>{name}</h2>
          <span>{label}</span>
        </div>
        <StatusLabel tone={TONES[health.state]}>{WORDS[health.state]}</StatusLabel>
      </header>
      <p className={styles.target} title={target}>
        {target}
      </p>
      {health.state === 'down' && health.message !== null && <p className={styles.problem}>{health.message}</p>}
      {kind === 'mcp' && <ToolsToReview name={name} onOpen={() => setOpen('details')} />}
      <dl className={styles.facts}>
        <div>
          <dt>Last checked</dt>
          <dd>
            <Probe health={health} />
          </dd>
        </div>
        <div>
          <dt>Last used</dt>
          <dd>
            {lastUsed === null ? (
              'never'
            ) : (
              <Link
                to="/projects/$project/log"
                params={{ project }}
                search={{ connection: name }}
                className={styles.link}
                aria-label={`Requests of ${name} in the log`}
              >
                <Ago instant={lastUsed} />
              </Link>
            )}
          </dd>
        </div>
        {kind !== 'sqlite' && (
          <div>
            <dt>{secretLabel}</dt>
            <dd title={secretLocation(secret)}>{secretLocation(secret)}</dd>
          </div>
        )}
      </dl>
      <div className={styles.outcome} role="status">
        {test.outcome !== null && (
          <StatusLabel tone={test.outcome.ok ? 'ok' : 'bad'}>
            <span className={styles.sentence}>{test.outcome.sentence}</span>
          </StatusLabel>
        )}
      </div>
      <footer className={styles.acts}>
        {test.running ? (
          <Button size="compact-sm" variant="default" onClick={test.cancel} aria-label={`Cancel the test of ${name}`}>
            Cancel test
          </Button>
        ) : (
          <Button size="compact-sm" variant="default" onClick={() => void test.start()} aria-label={`Test ${name}`}>
            Test
          </Button>
        )}
        {kind === 'mcp' && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => setOpen('details')}
            aria-label={`Tools of ${name}`}
          >
            Tools
          </Button>
        )}
        {kind === 'http' && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => setOpen('details')}
            aria-label={`Details of ${name}`}
          >
            Details
          </Button>
        )}
        {(kind === 'grist' || kind === 'http' || secret !== 'none') && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            onClick={() => setOpen('secret')}
            aria-label={`Replace the secret of ${name}`}
          >
            {secret === 'none' ? 'Add secret' : 'Replace secret'}
          </Button>
        )}
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          onClick={() => setOpen('remove')}
          aria-label={`Remove ${name}`}
        >
          Remove
        </Button>
      </footer>
      {(kind === 'mcp' || kind === 'http') && (
        <ConnectionDetails connection={connection} opened={open === 'details'} onClose={close} />
      )}
      <ReplaceSecret connection={connection} opened={open === 'secret'} onClose={close} />
      <RemoveConnection connection={connection} project={project} opened={open === 'remove'} onClose={close} />
    </article>
  )
}

function Probe({ health }: { health: Health }) {
  if (health.checked_at === null) return 'never'
  return (
    <>
      <Ago instant={health.checked_at} />
      {health.latency_ms !== null && (
        <>
          {' '}
          · <span className="hp-tabular">{formatDuration(health.latency_ms)}</span>
        </>
      )}
    </>
  )
}
