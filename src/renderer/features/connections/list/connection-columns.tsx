import { Anchor, Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { t } from '../../../../contract/text/translate.ts'
import type { ConnectionRecord } from '../../../../contract/records.ts'
import { formatNumber } from '../../../lib/format.ts'
import { Sparkline } from '../../../ui/sparkline.tsx'
import { StatusLabel } from '../../../ui/status-label.tsx'
import type { Column } from '../../../ui/table/data-table.tsx'
import { ConnectionHealth } from '../connection-health.tsx'
import { KIND_LABELS } from '../connection-kinds.ts'
import type { useConnectionTests } from '../use-connection-tests.ts'
import styles from '../connections-screen.module.css'
import { RowMenu, type RowActions } from './row-menu.tsx'

interface ColumnParts {
  project: string
  /** Requests per hour, by connection. */
  series: ReadonlyMap<string | null, readonly number[]>
  tests: ReturnType<typeof useConnectionTests>
  actions: RowActions
}

const HEALTH_ORDER = { down: 0, unknown: 1, up: 2 } as const

/** Columns drop from the right of this list: requests first, then the target. */
export function connectionColumns({ project, series, tests, actions }: ColumnParts): Column<ConnectionRecord>[] {
  const total = (name: string): number => (series.get(name) ?? []).reduce((sum, count) => sum + count, 0)
  return [
    {
      id: 'name',
      label: t`Name`,
      width: 'minmax(150px, 2fr)',
      order: ({ name }) => name,
      cell: ({ name, kind, description }) => (
        <div className={styles.name}>
          <Anchor
            fw={600}
            fz="inherit"
            c="inherit"
            underline="hover"
            title={description === '' ? name : `${name}: ${description}`}
            renderRoot={(root) => (
              <Link {...root} to="/projects/$project/connections/$connection" params={{ project, connection: name }} />
            )}
          >
            {name}
          </Anchor>
          <span>{KIND_LABELS[kind].label}</span>
        </div>
      ),
    },
    {
      id: 'target',
      label: t`Target`,
      width: 'minmax(120px, 2fr)',
      from: 680,
      order: ({ target }) => target,
      cell: ({ target }) => (
        <span className="hp-mono" title={target}>
          {middle(target)}
        </span>
      ),
    },
    {
      id: 'health',
      label: t`Health`,
      width: 'minmax(190px, 2fr)',
      order: ({ health, paused }) => (paused ? 3 : HEALTH_ORDER[health.state]),
      cell: (connection) => <HealthCell connection={connection} tests={tests} />,
    },
    {
      id: 'tokens',
      label: t`Tokens`,
      width: '64px',
      align: 'right',
      order: ({ tokens }) => tokens,
      cell: ({ tokens }) => formatNumber(tokens),
    },
    {
      id: 'day',
      label: t`24 h`,
      width: '140px',
      from: 860,
      align: 'right',
      order: ({ name }) => total(name),
      cell: ({ name }) =>
        total(name) === 0 ? (
          '–'
        ) : (
          <span className={styles.day}>
            <Sparkline values={series.get(name) ?? []} />
            {formatNumber(total(name))}
          </span>
        ),
    },
    {
      id: 'menu',
      label: t`Actions`,
      width: '52px',
      quiet: true,
      align: 'right',
      cell: (connection) => <RowMenu project={project} connection={connection} actions={actions} />,
    },
  ]
}

/** A finished test takes the place of the state, in one line, so that the row keeps its height. */
function HealthCell({ connection, tests }: { connection: ConnectionRecord; tests: ColumnParts['tests'] }) {
  const outcome = tests.outcomes.get(connection.name)
  if (tests.running.has(connection.name)) return <span className={styles.dim}>{t`Testing…`}</span>
  const { name, paused, health } = connection
  const isBroken = !paused && health.state === 'down'
  return (
    <div className={styles.healthCell}>
      <div className={styles.health} role="status">
        {outcome === undefined || paused || health.state === (outcome.ok ? 'down' : 'up') ? (
          <ConnectionHealth connection={connection} />
        ) : (
          <StatusLabel tone={outcome.ok ? 'ok' : 'bad'} title={outcome.sentence}>
            {outcome.sentence}
          </StatusLabel>
        )}
      </div>
      {isBroken && (
        <Button
          data-writes
          size="compact-xs"
          variant="default"
          aria-label={t`Test ${name}`}
          onClick={() => void tests.test(name)}
        >{t`Test`}</Button>
      )}
    </div>
  )
}

const MAX_CHARACTERS = 44

/** Returns an address or path without its middle, because its beginning and its end say the most. */
function middle(text: string, max = MAX_CHARACTERS): string {
  const short = text.replace(/^https?:\/\//, '')
  if (short.length <= max) return short
  const half = Math.floor((max - 1) / 2)
  return `${short.slice(0, half)}…${short.slice(-half)}`
}
