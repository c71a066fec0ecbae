import { Spotlight, spotlight } from '@mantine/spotlight'
import { IconArrowRight, IconBolt, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { t } from '../../../contract/text/translate.ts'
import type { Found } from '../../../contract/owner-api/search-api.ts'
import { useApi } from '../../lib/api.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLink } from '../../lib/live.tsx'
import { usePauseAll } from '../use-pause-all.ts'
import styles from './palette.module.css'
import { actionsOn, matchesWords, readCommand } from './palette-commands.ts'
import { useOpenItem, useRecentItems } from './open-item.ts'
import { usePaletteAction } from './use-palette-action.tsx'
import { usePaletteSearch } from './use-palette-search.ts'

const SCREENS = [
  ['/overview', t`Overview`],
  ['/attention', t`Attention`],
  ['/approvals', t`Approvals`],
  ['/activity', t`Activity`],
  ['/log', t`Log of all projects`],
  ['/settings', t`Settings`],
  ['/welcome', t`Get started`],
] as const

const GROUPS: Record<Found['kind'], string> = {
  project: t`Projects`,
  token: t`Tokens`,
  session: t`Session tokens`,
  connection: t`Connections`,
  tool: t`Tools`,
  view: t`Views`,
  request: t`Requests`,
}
const ALL = 1000

/** Opens when it is asked for once more, and closes when it is open. Finds everything by name, and the actions on what is found. */
export function CommandPalette({ asked }: { asked: number }) {
  const [text, setText] = useState('')
  const { run, dialog } = usePaletteAction()
  const answered = useRef(0)
  useEffect(() => {
    if (asked === answered.current) return
    answered.current = asked
    spotlight.toggle()
  }, [asked])
  return (
    <>
      <Spotlight.Root
        query={text}
        onQueryChange={setText}
        shortcut={null}
        overlayProps={{ blur: 0 }}
        attributes={{ content: { 'aria-label': t`Search or run a command` } }}
        clearQueryOnClose
        scrollable
        maxHeight="min(480px, 70vh)"
      >
        <Spotlight.Search
          placeholder={t`Search or run a command`}
          aria-label={t`Search`}
          leftSection={<IconSearch size={18} aria-hidden />}
        />
        <Spotlight.ActionsList>
          <Results text={text.trim()} onRun={run} />
        </Spotlight.ActionsList>
      </Spotlight.Root>
      {dialog}
    </>
  )
}

interface ResultsProps {
  text: string
  onRun: ReturnType<typeof usePaletteAction>['run']
}

function Results({ text, onRun }: ResultsProps) {
  const navigate = useNavigate()
  const link = useLink()
  const [all, setAll] = useState<string | null>(null)
  const command = readCommand(text)
  const found = usePaletteSearch(text, all === text ? ALL : undefined)
  const targets = usePaletteSearch(command?.rest ?? '')
  const actions = command === null ? [] : actionsOn(command.verbs, targets).slice(0, 8)
  const access = useAccessAction(text)
  const addition = useAddConnection(text)
  const screens = SCREENS.filter(([, label]) => matchesWords(label, text))
  const open = useOpenItem()
  const isLive = link.state === 'live'
  const recent = useRecentItems(text === '' && isLive)
  const [token] = found.find(({ kind }) => kind === 'token')?.items ?? []
  const isEmpty =
    actions.length + found.length + screens.length === 0 && ((access === null && addition === null) || !isLive)
  return (
    <>
      {isLive && (access !== null || addition !== null || actions.length > 0) && (
        <Group label={t`Actions`}>
          {access}
          {actions.map((action) => (
            <Line
              key={action.label + (action.item.project ?? '')}
              label={action.label}
              less={action.item.project}
              icon={<IconBolt size={16} aria-hidden />}
              onClick={() => onRun(action)}
            />
          ))}
          {addition}
        </Group>
      )}
      {recent.length > 0 && (
        <Group label={t`Recent`}>
          {recent.map(({ kind, name, project }) => (
            <Line
              key={`${kind}/${project}/${name}`}
              label={name}
              less={project}
              onClick={() => open(kind, { name, project, connection: null, state: null })}
            />
          ))}
        </Group>
      )}
      {found.map(({ kind, total, items }) => (
        <Group key={kind} label={GROUPS[kind]}>
          {items.map((item) => (
            <Line
              key={`${item.project}/${item.connection}/${item.name}`}
              label={item.name}
              less={[item.connection, item.project, stateLabel(item.state)].filter((part) => part !== null).join(' · ')}
              onClick={() => open(kind, item)}
            />
          ))}
          {total > items.length && (
            <Spotlight.Action
              label={t`Show all ${formatNumber(total)}`}
              closeSpotlightOnTrigger={false}
              onClick={() => setAll(text)}
            />
          )}
        </Group>
      ))}
      {token !== undefined && token.project !== null && (
        <Group label={t`Log`}>
          <Line
            label={t`Denied requests of ${token.name}`}
            less={token.project}
            onClick={() =>
              void navigate({
                to: '/projects/$project/log',
                params: { project: token.project ?? '' },
                search: { token: token.name, status: 'denied' },
              })
            }
          />
        </Group>
      )}
      {screens.length > 0 && (
        <Group label={t`Screens`}>
          {screens.map(([to, label]) => (
            <Line
              key={to}
              label={label}
              icon={<IconArrowRight size={16} aria-hidden />}
              onClick={() => void navigate({ to })}
            />
          ))}
        </Group>
      )}
      {isEmpty && (
        <Spotlight.Empty>
          {link.state === 'live'
            ? t`No results. Try a token, a connection or a request ID.`
            : t`No results. Other names are found when Hallpass responds again.`}
        </Spotlight.Empty>
      )}
    </>
  )
}

/** A connection that was never called has no health yet. */
function stateLabel(state: string | null): string | null {
  return state === 'unknown' ? t`not checked` : state
}

function Group({ label, children }: { label: string; children: ReactNode }) {
  return <Spotlight.ActionsGroup label={label}>{children}</Spotlight.ActionsGroup>
}

interface LineProps {
  label: string
  less?: string | null | undefined
  icon?: ReactNode
  onClick: () => void
}

function Line({ label, less, icon, onClick }: LineProps) {
  return (
    <Spotlight.Action label={label} onClick={onClick}>
      <span className={styles.line}>
        {icon}
        <span className={styles.name}>{label}</span>
        {less !== undefined && less !== null && <span className={styles.less}> {less}</span>}
      </span>
    </Spotlight.Action>
  )
}

/** Pauses or resumes all access. Comes first while it is paused. */
function useAccessAction(text: string): ReactNode {
  const { query } = useApi()
  const pauseAll = usePauseAll()
  const { data: status } = useQuery(query.status.queryOptions())
  const label = status?.paused === true ? t`Resume all access` : t`Pause all access`
  if (status === undefined || !matchesWords(label, text)) return null
  const change = (): void => void pauseAll(!status.paused)
  return <Line label={label} icon={<IconBolt size={16} aria-hidden />} onClick={change} />
}

/** Leads to the page that adds a connection to the project shown, or else to the first one. */
function useAddConnection(text: string): ReactNode {
  const { query } = useApi()
  const navigate = useNavigate()
  const { data: projects } = useQuery(query.projects.list.queryOptions())
  const project = useParams({ strict: false }).project ?? projects?.[0]?.name
  if (project === undefined || !matchesWords(t`Add connection`, text)) return null
  return (
    <Line
      label={t`Add connection`}
      less={project}
      icon={<IconBolt size={16} aria-hidden />}
      onClick={() => void navigate({ to: '/projects/$project/connections/new', params: { project } })}
    />
  )
}
