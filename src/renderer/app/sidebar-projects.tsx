import { ActionIcon } from '@mantine/core'
import { IconChevronRight, IconFolder, IconPlus, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import type { AttentionItem } from '../../contract/owner-api/attention-api.ts'
import { plural, t } from '../../contract/text/translate.ts'
import { useApi } from '../lib/api.tsx'
import { GroupMark } from '../features/attention/group-mark.tsx'
import styles from './shell.module.css'

const CreateProject = lazy(async () => ({
  default: (await import('../features/projects/create-project.tsx')).CreateProject,
}))
const ProjectPicker = lazy(async () => ({
  default: (await import('../features/projects/project-picker.tsx')).ProjectPicker,
}))

const MAX_SHOWN = 8
const RECENT_KEY = 'hallpass.recent-projects'

/** The projects used last in this browser, and a way to all of them. */
export function SidebarProjects() {
  const { query } = useApi()
  const { project: current } = useParams({ strict: false })
  const { data: status } = useQuery(query.status.queryOptions())
  const attention = new Map(Object.entries(status?.attention.projects ?? {}))
  const { data: projects = [] } = useQuery(query.projects.list.queryOptions())
  const [dialog, setDialog] = useState<'create' | 'pick' | null>(null)
  /** Dialogs that were opened once stay, so that they can close with a transition. */
  const [loaded, setLoaded] = useState<ReadonlySet<string>>(new Set())
  const open = (which: 'create' | 'pick') => () => {
    setLoaded(new Set(loaded).add(which))
    setDialog(which)
  }
  const close = (): void => setDialog(null)
  const names = projects.map(({ name }) => name)
  const pinned = projects.filter((one) => one.pinned).map(({ name }) => name)
  const shown = shownProjects({ names, pinned, recent: useRecentProjects(current), current })
  return (
    <>
      <div className={styles.heading}>
        <span id="projects-heading">{t`Projects`}</span>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          ml="auto"
          aria-label={t`Search projects`}
          title={t`Search projects`}
          onClick={open('pick')}
        >
          <IconSearch size={15} />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t`New project`}
          title={t`New project`}
          onClick={open('create')}
        >
          <IconPlus size={15} />
        </ActionIcon>
      </div>
      <div className={styles.projects} role="group" aria-labelledby="projects-heading">
        {shown.map((name) => (
          <Link key={name} to="/projects/$project" params={{ project: name }} className={styles.link} title={name}>
            <IconFolder size={16} aria-hidden />
            <span>{name}</span>
            <Mark group={attention.get(name)} />
          </Link>
        ))}
        {names.length > shown.length && (
          <button
            type="button"
            className={styles.link}
            title={t`All ${plural(names.length, '# project', '# projects')}`}
            onClick={open('pick')}
          >
            <IconChevronRight size={16} aria-hidden />
            <span>{t`All ${plural(names.length, '# project', '# projects')}`}</span>
          </button>
        )}
      </div>
      <Suspense fallback={null}>
        {loaded.has('create') && <CreateProject opened={dialog === 'create'} onClose={close} />}
        {loaded.has('pick') && <ProjectPicker names={names} opened={dialog === 'pick'} onClose={close} />}
      </Suspense>
    </>
  )
}

function Mark({ group }: { group: AttentionItem['group'] | undefined }) {
  return group === undefined ? null : <GroupMark group={group} />
}

interface KnownProjects {
  names: readonly string[]
  pinned: readonly string[]
  recent: readonly string[]
  current: string | undefined
}

/** Returns pinned projects, then those used last, both in the order of the list, so that opening one moves no other. */
function shownProjects({ names, pinned, recent, current }: KnownProjects): string[] {
  const others = [...new Set([...(current === undefined ? [] : [current]), ...recent, ...names])].filter(
    (name) => names.includes(name) && !pinned.includes(name),
  )
  const chosen = new Set(others.slice(0, Math.max(1, MAX_SHOWN - pinned.length)))
  return [...pinned, ...names.filter((name) => chosen.has(name))]
}

/** Returns the projects used before this page was opened, and remembers the current one. */
function useRecentProjects(current: string | undefined): string[] {
  const [recent] = useState(storedProjects)
  useEffect(() => {
    if (current === undefined) return
    const next = [current, ...storedProjects().filter((name) => name !== current)]
    localStorage.setItem(RECENT_KEY, JSON.stringify(next.slice(0, MAX_SHOWN)))
  }, [current])
  return recent
}

function storedProjects(): string[] {
  const stored: unknown = JSON.parse(localStorage.getItem(RECENT_KEY) ?? '[]')
  return Array.isArray(stored) ? stored.filter((name) => typeof name === 'string') : []
}
