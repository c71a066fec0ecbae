import { Checkbox } from '@mantine/core'
import type { ComponentProps } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { SessionRecord, TokenRecord } from '../../../../contract/records.ts'
import type { TopRequests } from '../../../../contract/request-counts.ts'
import { formatNumber } from '../../../lib/format.ts'
import { Ago } from '../../../ui/instant.tsx'
import { Sparkline } from '../../../ui/sparkline.tsx'
import type { Column } from '../../../ui/table/data-table.tsx'
import { SessionState, TokenState } from '../token-state.tsx'
import { TokenMenu, type TokenDialog } from '../token-menu.tsx'
import { SessionName, StillTried, TokenName } from './name-cells.tsx'
import { EndButton } from '../end-button.tsx'
import { PermissionsCell } from './permissions-cell.tsx'
import type { Line, TokenLine } from './token-lines.ts'
import styles from './tokens.module.css'
import type { TokenSelection } from './use-selection.ts'

type TokenRequests = Pick<TopRequests['rows'][number], 'requests' | 'series' | 'tries_after_end' | 'tries_complete'> & {
  last: { client: string | null } | null
}

interface ColumnParts {
  shown: readonly TokenLine[]
  selection: TokenSelection
  /** Requests in the last 24 hours, also with session tokens. Undefined while they are counted. */
  requestsOf: (name: string) => TokenRequests | undefined
  isOpen: (name: string) => boolean
  onToggle: (name: string) => void
  onEnd: (session: SessionRecord) => void
  menu: Pick<ComponentProps<typeof TokenMenu>, 'onPause' | 'onClone'> & {
    onDialog: (token: TokenRecord, dialog: TokenDialog) => void
  }
}

/** Sorts tokens by the end of their life, ended ones last. */
function endOf({ status, expires_at: expires }: TokenRecord): number {
  if (status !== 'active') return Number.MAX_SAFE_INTEGER
  return expires === null ? Number.MAX_SAFE_INTEGER - 1 : Date.parse(expires)
}

export function tokenColumns({
  shown,
  selection,
  requestsOf,
  isOpen,
  onToggle,
  onEnd,
  menu,
}: ColumnParts): Column<Line>[] {
  const names = shown.map(({ token }) => token.name)
  const chosen = names.filter((name) => selection.has(name)).length
  return [
    {
      id: 'select',
      label: t`Select`,
      width: '20px',
      head: (
        <Checkbox
          size="xs"
          aria-label={t`Select all tokens`}
          checked={chosen > 0 && chosen === names.length}
          indeterminate={chosen > 0 && chosen < names.length}
          onChange={() => selection.set(chosen === names.length ? [] : names)}
        />
      ),
      cell: (line) =>
        line.kind === 'token' && (
          <Checkbox
            size="xs"
            aria-label={t`Select ${line.token.name}`}
            checked={selection.has(line.token.name)}
            onChange={() => selection.toggle(line.token.name)}
          />
        ),
    },
    {
      id: 'name',
      label: t`Name`,
      width: 'minmax(140px, 5fr)',
      order: (line) => (line.kind === 'token' ? line.token.name : null),
      cell: (line) => {
        if (line.kind === 'heading') return <span className={styles.heading}>{t`Created by you`}</span>
        if (line.kind === 'session') return <SessionName session={line.session} nested={line.level > 1} />
        const { token, sessions } = line
        return (
          <TokenName
            token={token}
            sessions={sessions.length}
            open={isOpen(token.name)}
            onToggle={() => onToggle(token.name)}
          />
        )
      },
    },
    {
      id: 'permissions',
      label: t`Permissions`,
      width: 'minmax(130px, 4fr)',
      cell: (line) => {
        if (line.kind === 'token') return <PermissionsCell token={line.token} />
        return line.kind === 'session' && <SessionPermissions session={line.session} />
      },
    },
    {
      id: 'used',
      label: t`Last used`,
      width: '116px',
      from: 620,
      order: (line) => (line.kind === 'token' ? -Date.parse(line.token.last_used_at ?? '0') : null),
      cell: (line) => {
        if (line.kind === 'heading') return null
        if (line.kind === 'session') return <Ago instant={line.session.last_used_at} never={t`Never`} />
        const client = requestsOf(line.token.name)?.last?.client ?? null
        return (
          <div className={styles.name}>
            <Ago instant={line.token.last_used_at} never={t`Never`} />
            {client !== null && (
              <span className={styles.second} title={client}>
                {client}
              </span>
            )}
          </div>
        )
      },
    },
    {
      id: 'requests',
      label: t`24 h`,
      width: '108px',
      from: 760,
      align: 'right',
      order: (line) => (line.kind === 'token' ? -(requestsOf(line.token.name)?.requests ?? 0) : null),
      cell: (line) => {
        if (line.kind === 'session') return sessionRequests(line.session)
        if (line.kind === 'heading') return null
        const counted = requestsOf(line.token.name)
        if (counted === undefined) return null
        if (counted.requests === 0) return '–'
        return (
          <span className={styles.requests}>
            <Sparkline values={counted.series} width={48} />
            {formatNumber(counted.requests)}
          </span>
        )
      },
    },
    {
      id: 'status',
      label: t`Status`,
      width: '160px',
      order: (line) => (line.kind === 'token' ? endOf(line.token) : null),
      cell: (line) => {
        if (line.kind === 'heading') return null
        if (line.kind === 'session') return <SessionState session={line.session} />
        const counted = requestsOf(line.token.name)
        const tries = counted?.tries_after_end ?? 0
        return (
          <div className={styles.name}>
            <TokenState token={line.token} />
            {line.token.status !== 'active' && tries > 0 && (
              <StillTried token={line.token} tries={tries} isExact={counted?.tries_complete !== false} />
            )}
          </div>
        )
      },
    },
    {
      id: 'menu',
      label: t`Actions`,
      width: '52px',
      align: 'right',
      quiet: true,
      cell: (line) => {
        if (line.kind === 'token') return <RowMenu token={line.token} menu={menu} />
        if (line.kind !== 'session' || line.session.ended_at !== null) return null
        return <EndButton session={line.session} onEnd={onEnd} />
      },
    },
  ]
}

function RowMenu({ token, menu }: { token: TokenRecord; menu: ColumnParts['menu'] }) {
  return <TokenMenu {...menu} token={token} onDialog={(dialog) => menu.onDialog(token, dialog)} inList />
}

function SessionPermissions({ session }: { session: SessionRecord }) {
  const what = session.permissions.join(', ')
  const where = session.resources === null ? '' : ` › ${session.resources.join(', ')}`
  return (
    <div className={styles.name} title={t`${what} on ${session.connection}${where}`}>
      <span className={styles.cut}>{`${what.charAt(0).toUpperCase()}${what.slice(1)} ${session.connection}`}</span>
      {where !== '' && <span className={styles.second}>{`${session.connection}${where}`}</span>}
    </div>
  )
}

function sessionRequests({ requests, max_requests: max }: SessionRecord): string {
  return max === null ? formatNumber(requests) : t`${formatNumber(requests)} of ${formatNumber(max)}`
}
