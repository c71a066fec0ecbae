import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { t } from '../../../contract/text/translate.ts'
import type { RequestRecord, SessionRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { formatNumber } from '../../lib/format.ts'
import { Ago } from '../../ui/instant.tsx'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { CallerName, callerLabel } from '../log/caller-name.tsx'
import { EndButton } from '../tokens/end-button.tsx'
import { Block, BlockContent } from './block.tsx'
import { hasTokenPage } from '../log/log-filter.ts'
import styles from './overview.module.css'
import { useActiveCallers } from './use-active-callers.ts'
import { useHeldOrder } from './use-held-order.ts'

const MAX_SHOWN = 8

/** Loads when it is first opened. */
const EndSession = lazy(async () => ({ default: (await import('../tokens/end-session.tsx')).EndSession }))

/** Tokens with a request in the last 5 minutes, and what they did last. */
export function ActiveNow({ paused }: { paused: boolean }) {
  const active = useActiveCallers()
  const { query } = useApi()
  const { data: sessions } = useQuery(query.sessions.list.queryOptions({ input: {} }))
  const [ending, setEnding] = useState<SessionRecord | null>(null)
  const { data: callers = [] } = active
  return (
    <Block
      title={t`Active now`}
      {...(callers.length > MAX_SHOWN
        ? { more: [{ label: t`All ${formatNumber(callers.length)} in the log`, requests: { time: '15m' } }] }
        : {})}
    >
      {paused ? (
        <Text size="sm">{t`All access is paused. Requests are denied until you resume access.`}</Text>
      ) : (
        <BlockContent query={active} skeleton={<SkeletonRows rows={4} height={32} head />}>
          {(rows) => <Callers rows={rows} sessions={sessions ?? []} onEnd={setEnding} />}
        </BlockContent>
      )}
      <Suspense fallback={null}>
        {ending !== null && <EndSession session={ending} onClose={() => setEnding(null)} />}
      </Suspense>
    </Block>
  )
}

interface CallersProps {
  rows: readonly RequestRecord[]
  sessions: readonly SessionRecord[]
  onEnd: (session: SessionRecord) => void
}

function Callers({ rows, sessions, onEnd }: CallersProps) {
  // A row that is pointed at or focused must not move away.
  const { shown, hold } = useHeldOrder(rows, callerKey)
  if (rows.length === 0) return <Text c="dimmed" size="sm">{t`No requests in the last 5 minutes.`}</Text>
  return (
    <table className={styles.table} {...hold}>
      <thead>
        <tr>
          <th scope="col">{t`Who`}</th>
          <th scope="col">{t`Client`}</th>
          <th scope="col">{t`Request`}</th>
          <th scope="col">{t`Permission`}</th>
          <th scope="col">{t`Last request`}</th>
          <th scope="col">
            <span className="hp-hidden">{t`Action`}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.slice(0, MAX_SHOWN).map((row) => (
          <Caller
            key={callerKey(row)}
            row={row}
            session={sessions.find(({ id, project }) => id === row.token && project === row.project)}
            onEnd={onEnd}
          />
        ))}
      </tbody>
    </table>
  )
}

function callerKey({ project, parent, token }: RequestRecord): string {
  return JSON.stringify([project, parent, token])
}

interface CallerProps {
  row: RequestRecord
  session: SessionRecord | undefined
  onEnd: (session: SessionRecord) => void
}

function Caller({ row, session, onEnd }: CallerProps) {
  const { connection, resource } = row
  const target = connection === null ? '' : ` ${connection}${resource === null ? '' : ` › ${resource}`}`
  return (
    <tr>
      <td title={callerLabel(row)}>
        <CallerLink row={row} />
      </td>
      <td title={row.client ?? undefined}>{row.client ?? '–'}</td>
      <td title={`${row.method}${target}`}>
        <RequestsLink row={row}>
          <span className="hp-mono">{row.method}</span>
          {target}
        </RequestsLink>
      </td>
      <td>{row.permission ?? '–'}</td>
      <td>
        <Ago instant={row.time} />
      </td>
      <td>{session !== undefined && <EndButton session={session} onEnd={onEnd} />}</td>
    </tr>
  )
}

/** Leads to the token, or that of the session token. Those that have no page of their own have their requests. */
function CallerLink({ row }: { row: RequestRecord }) {
  const { project, token, token_state: state } = row
  const page = hasTokenPage(row) ? (row.parent ?? token) : null
  if (project === null || page === null || state === 'deleted')
    return (
      <RequestsLink row={row}>
        <CallerName record={row} />
      </RequestsLink>
    )
  return (
    <Link to="/projects/$project/tokens/$token" params={{ project, token: page }}>
      <CallerName record={row} />
    </Link>
  )
}

/** Leads to what the caller requested last. */
function RequestsLink({ row: { project, token }, children }: { row: RequestRecord; children: ReactNode }) {
  const search = { token: token ?? '', time: '15m' }
  return project === null ? (
    <Link to="/log" search={search}>
      {children}
    </Link>
  ) : (
    <Link to="/projects/$project/log" params={{ project }} search={search}>
      {children}
    </Link>
  )
}
