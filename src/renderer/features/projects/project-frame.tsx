import { Button, Text } from '@mantine/core'
import { IconFolder, IconFolderOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { useWindowTitle } from '../../lib/use-window-title.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { CreateProject } from './create-project.tsx'
import styles from './project-frame.module.css'

const TABS = [
  ['tokens', t`Agents & tokens`],
  ['connections', t`Connections`],
  ['connect', t`Connect`],
  ['log', t`Log`],
  ['settings', t`Project`],
] as const

/** A project's name and tabs, above each of its screens. */
export function ProjectFrame() {
  const { project } = useParams({ from: '/projects/$project' })
  const { query } = useApi()
  const { data: projects, error } = useQuery(query.projects.list.queryOptions())
  if (projects === undefined && error !== null)
    return (
      <Text role="alert" m="lg">
        {callErrorOf(error).sentence}
      </Text>
    )
  if (projects === undefined) return <SkeletonRows rows={8} head />
  if (!projects.some(({ name }) => name === project)) return <UnknownProject project={project} />
  return (
    <>
      <header className={styles.head}>
        <span className={styles.name} title={project}>
          <IconFolder size={17} aria-hidden />
          <span>{project}</span>
        </span>
        <nav className={styles.tabs} aria-label={t`Project ${project}`}>
          {TABS.map(([place, label]) => (
            <Link
              key={place}
              to={`/projects/$project/${place}`}
              params={{ project }}
              className={styles.tab}
              // The browser leaves a tab that is partly in sight where it is.
              onFocus={({ target }) => target.scrollIntoView({ block: 'nearest', inline: 'nearest' })}
            >
              {label}
            </Link>
          ))}
        </nav>
      </header>
      <Outlet key={project} />
    </>
  )
}

/** For a deleted project or a mistyped URL. */
function UnknownProject({ project }: { project: string }) {
  const [creating, setCreating] = useState(false)
  const title = t`Project ${project} not found`
  useWindowTitle(title)
  return (
    <div className={styles.unknown}>
      <EmptyState
        order={1}
        icon={<IconFolderOff size={36} stroke={1.4} />}
        title={title}
        action={<Button onClick={() => setCreating(true)}>{t`New project`}</Button>}
      >{t`It may have been deleted. Choose a project on the left, or create a new one.`}</EmptyState>
      <CreateProject opened={creating} onClose={() => setCreating(false)} />
    </div>
  )
}
