import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useMemo, useState, type KeyboardEvent } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { SessionRecord, TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { useHalfMinute } from '../../../lib/now.ts'
import { DataTable } from '../../../ui/table/data-table.tsx'
import { EndSession } from '../end-session.tsx'
import { useTokenDialog } from '../token-menu.tsx'
import { usePauseTokens } from '../use-pause-token.ts'
import { BulkDialog } from './bulk-dialog.tsx'
import { SelectionFoot } from './selection-foot.tsx'
import { tokenColumns } from './token-columns.tsx'
import { matches, NO_FILTER, showsSession, type TokenFilter } from './token-filter.ts'
import { keyOf, ownerLines, sessionsByToken, type Line, type TokenLine } from './token-lines.ts'
import { TokenToolbar } from './token-toolbar.tsx'
import styles from './tokens.module.css'
import { useSelection } from './use-selection.ts'

interface TokensTableProps {
  project: string
  tokens: readonly TokenRecord[]
  sessions: readonly SessionRecord[]
  onClone: (token: TokenRecord) => void
}

const COUNT_EVERY_MS = 30_000
const NO_REQUESTS = { requests: 0, series: [], tries_after_end: null, tries_complete: true, last: null }

export function TokensTable({ project, tokens, sessions, onClone }: TokensTableProps) {
  const { query } = useApi()
  const navigate = useNavigate()
  const connections = useQuery(query.connections.list.queryOptions({ input: { project } }))
  const busy = useQuery(
    query.requests.top.queryOptions({
      input: { by: 'token', project, since: '24h', steps: 24, limit: 1000 },
      refetchInterval: COUNT_EVERY_MS,
    }),
  )
  const counts = useMemo(() => new Map(busy.data?.rows.map((row) => [row.name, row])), [busy.data])
  const [filter, setFilter] = useState<TokenFilter>(NO_FILTER)
  const applied = useDeferredValue(filter)
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const [bulk, setBulk] = useState<'extend' | 'revoke' | null>(null)
  const [ending, setEnding] = useState<SessionRecord | null>(null)
  const [dialog, openDialog] = useTokenDialog(tokens)
  const selection = useSelection()
  const pause = usePauseTokens()
  const now = useHalfMinute()

  const listed = useMemo(() => sessions.filter((session) => showsSession(session, applied)), [sessions, applied])
  const shown = useMemo(() => {
    const below = sessionsByToken(listed)
    return tokens
      .filter((token) => matches(token, applied, now))
      .map((token): TokenLine => ({ kind: 'token', token, sessions: below.get(token.name) ?? [] }))
  }, [tokens, listed, applied, now])
  const unsearched = applied.search === '' && applied.connection === null
  const own = useMemo(() => (unsearched ? ownerLines(listed) : []), [listed, unsearched])
  const selected = tokens.filter(({ name }) => selection.has(name))

  const setUnfolded = (name: string, unfolded: boolean): void =>
    setOpen((before) => (unfolded ? new Set([...before, name]) : new Set([...before].filter((one) => one !== name))))
  const columns = tokenColumns({
    shown,
    selection,
    requestsOf: (name) => (busy.data === undefined ? undefined : (counts.get(name) ?? NO_REQUESTS)),
    isOpen: (name) => open.has(name),
    onToggle: (name) => setUnfolded(name, !open.has(name)),
    onEnd: setEnding,
    menu: { onPause: (token) => pause([token], !token.paused), onDialog: openDialog, onClone },
  })
  const onKey = (event: KeyboardEvent, line: Line): void => {
    if (line.kind !== 'token') return
    const { token } = line
    const active = token.status === 'active'
    if (event.key === 'ArrowRight') setUnfolded(token.name, true)
    else if (event.key === 'ArrowLeft') setUnfolded(token.name, false)
    else if (event.key === ' ') selection.toggle(token.name)
    else if (event.key === 'e' && active) openDialog(token, 'extend')
    else if (event.key === 'r' && active) openDialog(token, 'revoke')
    else return
    event.preventDefault()
  }
  return (
    <>
      <TokenToolbar
        filter={filter}
        onChange={setFilter}
        countOf={(state) => tokens.filter((token) => matches(token, { ...NO_FILTER, state }, now)).length}
        connections={connections.data?.map(({ name }) => name) ?? []}
      />
      <DataTable<Line>
        name="tokens"
        label={t`Tokens of ${project}`}
        columns={columns}
        rows={shown}
        keyOf={keyOf}
        below={(line) =>
          line.kind === 'token' && open.has(line.token.name)
            ? line.sessions.map((session): Line => ({ kind: 'session', session, level: 2 }))
            : []
        }
        last={own}
        branch={(line) => {
          if (line.kind !== 'token') return { level: line.kind === 'session' ? line.level : 1 }
          return { level: 1, open: line.sessions.length === 0 ? undefined : open.has(line.token.name) }
        }}
        attributes={(line): Record<`data-${string}`, string> => {
          if (line.kind === 'token') return { 'data-token': line.token.name }
          return line.kind === 'session' ? { 'data-session': line.session.id } : {}
        }}
        selected={(line) => line.kind === 'token' && selection.has(line.token.name)}
        onOpen={(line) => {
          if (line.kind === 'token')
            void navigate({ to: '/projects/$project/tokens/$token', params: { project, token: line.token.name } })
        }}
        letters={[
          { key: 'e', label: t`Extend the token` },
          { key: 'r', label: t`Revoke the token` },
        ]}
        onKey={onKey}
        onExtend={(from, to) =>
          selection.add([from, to].flatMap((line) => (line.kind === 'token' ? [line.token.name] : [])))
        }
        empty={
          <div className={styles.none}>
            <span>{t`No results`}</span>
            <Button size="compact-sm" variant="default" onClick={() => setFilter(NO_FILTER)}>{t`Clear filters`}</Button>
          </div>
        }
      />
      <SelectionFoot
        shown={shown.length}
        total={tokens.length}
        selected={selected}
        onPause={pause}
        onBulk={setBulk}
        onClear={() => selection.set([])}
      />
      {dialog}
      {ending !== null && <EndSession session={ending} onClose={() => setEnding(null)} />}
      {bulk !== null && (
        <BulkDialog
          project={project}
          names={selected.filter(({ status }) => status === 'active').map(({ name }) => name)}
          action={bulk}
          onClose={() => setBulk(null)}
          onDone={() => selection.set([])}
        />
      )}
    </>
  )
}
