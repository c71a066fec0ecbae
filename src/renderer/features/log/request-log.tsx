import { Alert, Button, Menu, type ButtonProps } from '@mantine/core'
import {
  IconDownload,
  IconListSearch,
  IconPlayerPause,
  IconPlayerPlay,
  IconReportSearch,
  IconX,
} from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode, type Ref } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { formatNumber } from '../../lib/format.ts'
import { useHalfMinute } from '../../lib/now.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ColumnsMenu, useColumns } from './columns/columns-menu.tsx'
import { timePhrase } from './filter-labels.ts'
import { isNarrowed, requestFilterOf, withPart, type FilterPart, type LogFilter } from './log-filter.ts'
import { LogFilters } from './log-filters.tsx'
import { LogFoot } from './log-foot.tsx'
import { LogGrid } from './log-grid.tsx'
import { LogStrip } from './log-strip.tsx'
import styles from './log.module.css'
import { RecordingLine } from '../projects/recording-line.tsx'
import { RowPanel } from './request/row-panel.tsx'
import { ViewsMenu } from './views/views-menu.tsx'
import { useExport } from './export/use-export.ts'
import { useLogSource } from './source/use-log-source.ts'

/** The live log of one project or of all. Its filter is in the URL. */
export function RequestLog({ project, filter }: { project?: string | undefined; filter: LogFilter }) {
  const navigate = useNavigate()
  const request = requestFilterOf(filter, project, new Date(useHalfMinute()).setHours(0, 0, 0, 0))
  const { source, state } = useLogSource(request)
  const [paused, setPaused] = useState(false)
  const [opened, setOpened] = useState<number | null>(null)
  useEffect(() => source.pin(opened), [source, opened])
  /** The row that the keyboard is on, which is the open row if there is one. */
  const [active, setActive] = useState<number | null>(null)
  const grid = useRef<HTMLDivElement>(null)
  const exporting = useExport(project)
  const [chosen, remember] = useColumns(filter.columns)
  const columns = useMemo(() => chosen.filter((id) => project === undefined || id !== 'project'), [chosen, project])

  const narrow = useCallback(
    (change: (filter: LogFilter) => LogFilter) => {
      setOpened(null)
      setActive(null)
      void navigate({ to: '.', search: change, replace: true })
    },
    [navigate],
  )
  const changePart = useCallback(
    (part: FilterPart, value: string) => narrow((now) => withPart(now, part, value)),
    [narrow],
  )
  const close = (): void => {
    setOpened(null)
    grid.current?.focus({ preventScroll: true })
  }
  const step = (by: -1 | 1): void => {
    const at = opened === null ? -1 : source.indexOf(opened)
    if (at < 0 || at + by < 0 || at + by >= state.count) return
    setOpened(source.idAt(at + by))
    setActive(source.idAt(at + by))
  }
  const narrowed = isNarrowed(filter)
  const nothing = !paused && state.phase === 'ready' && state.count === 0 && state.waiting === 0
  return (
    <div className={styles.log}>
      <RecordingLine project={project} />
      <div className={styles.bar} role="search" aria-label={t`Filter the log`}>
        <LogFilters filter={filter} project={project} seen={source.methods()} onChange={changePart} />
        {narrowed && (
          <ActionCell icon={<IconX size={14} />} label={t`Clear`} variant="subtle" onClick={() => narrow(() => ({}))} />
        )}
        <div className={styles.acts}>
          <ViewsMenu project={project} filter={filter} columns={chosen} />
          <ColumnsMenu
            columns={chosen}
            allProjects={project === undefined}
            onChange={(next) => {
              remember(next)
              // From here on the address shows what is remembered.
              if (filter.columns !== undefined)
                void navigate({ to: '.', search: ({ columns: _view, ...now }: LogFilter) => now, replace: true })
            }}
          />
          <ActionCell
            icon={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
            variant={paused ? 'filled' : 'default'}
            label={paused ? t`Resume updates` : t`Pause updates`}
            hint={paused && state.waiting > 0 ? t`${formatNumber(state.waiting)} new` : undefined}
            steady
            letter="l"
            onClick={() => setPaused(!paused)}
          />
          <Menu position="bottom-end" width={230}>
            <Menu.Target>
              <ActionCell
                icon={<IconDownload size={14} />}
                label={t`Export`}
                disabled={exporting.state.doing === 'exporting'}
              />
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>
                {project === undefined
                  ? narrowed
                    ? t`Filtered requests`
                    : t`All requests`
                  : narrowed
                    ? t`Filtered requests in ${project}`
                    : t`All requests in ${project}`}
              </Menu.Label>
              <Menu.Item onClick={() => void exporting.start(request, 'jsonl')}>{t`JSON Lines`}</Menu.Item>
              <Menu.Item onClick={() => void exporting.start(request, 'csv')}>{t`CSV, for spreadsheets`}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      </div>
      {state.phase !== 'refused' && !(nothing && !narrowed) && (
        <LogStrip request={request} onZoom={(times) => narrow(({ time: _time, ...now }) => ({ ...now, ...times }))} />
      )}
      {state.phase === 'refused' && (
        <Alert mx={24} mb="sm" color="red" role="alert">
          {state.problem}
        </Alert>
      )}
      <div className={styles.split}>
        {state.phase === 'refused' ? null : nothing && state.look?.doing !== 'looking' ? (
          <Nothing
            filter={filter}
            project={project}
            sure={state.look === null || state.look.doing === 'done'}
            onFilter={(next) => narrow(() => next)}
          />
        ) : (
          <LogGrid
            key={JSON.stringify(request)}
            source={source}
            state={state}
            label={project === undefined ? t`Requests of all projects` : t`Requests in ${project}`}
            columns={columns}
            paused={paused}
            active={active}
            onActive={setActive}
            opened={opened}
            onOpen={setOpened}
            focus={grid}
          />
        )}
        {opened !== null && (
          <RowPanel
            id={opened}
            row={source.row(opened)}
            onStep={step}
            onClose={close}
            onFilter={(like) => narrow(() => like)}
          />
        )}
      </div>
      <LogFoot source={source} state={state} paused={paused} exporting={exporting} />
    </div>
  )
}

interface ActionCellProps extends ButtonProps {
  icon: ReactNode
  label: string
  hint?: string | undefined
  steady?: boolean
  letter?: string
  onClick?: () => void
  ref?: Ref<HTMLButtonElement>
}

/** A button that shrinks to its icon in a narrow list. Its width doesn't depend on its label, so nothing moves. */
function ActionCell({ icon, label, hint, steady = false, letter, variant = 'default', ...button }: ActionCellProps) {
  const whole = hint === undefined ? label : `${label} · ${hint}`
  return (
    <Button
      {...button}
      className={steady ? `${styles.fold} ${styles.steady}` : styles.fold}
      size="xs"
      variant={variant}
      {...(variant === 'subtle' ? { color: 'gray' } : {})}
      leftSection={icon}
      aria-label={whole}
      data-letter={letter}
      title={whole}
    >
      <span className={styles.word}>{label}</span>
    </Button>
  )
}

interface NothingProps {
  filter: LogFilter
  project: string | undefined
  sure: boolean
  onFilter: (filter: LogFilter) => void
}

function Nothing({ filter, project, sure, onFilter }: NothingProps) {
  if (isNarrowed(filter)) {
    const { time, since: _since, until: _until, ...rest } = filter
    const phrase = timePhrase(filter)
    return (
      <EmptyState
        icon={<IconListSearch size={36} stroke={1.4} />}
        title={sure ? (phrase === '' ? t`No results` : t`No results ${phrase}`) : t`No results yet`}
        action={
          sure &&
          phrase !== '' &&
          time !== '7d' && (
            <Button variant="default" onClick={() => onFilter({ ...rest, time: '7d' })}>{t`Search 7 days`}</Button>
          )
        }
      >
        {sure ? t`New matches appear here automatically.` : t`Search older requests, or wait for new ones.`}
      </EmptyState>
    )
  }
  return (
    <EmptyState
      icon={<IconReportSearch size={36} stroke={1.4} />}
      title={t`No requests yet`}
      action={
        project !== undefined && (
          <Button component={Link} to={`/projects/${project}/connect`} variant="default">{t`Connect a client`}</Button>
        )
      }
    >{t`Every request appears here, including denied ones: who made it, what it asked for and how it ended.`}</EmptyState>
  )
}
