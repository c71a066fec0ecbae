import { Anchor, Group } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useRouter } from '@tanstack/react-router'
import { plural, t } from '../../../../contract/text/translate.ts'
import type { ConnectionRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { EditInPlace } from '../../../ui/editing/edit-in-place.tsx'
import { PageTitle } from '../../../ui/page.tsx'
import { useSaved } from '../../../ui/use-saved.tsx'

export type RenameConnection = (connection: ConnectionRecord, name: string) => Promise<void>

/** Returns a function that renames the page's connection and follows it. It must be used where that keeps its state. */
export function useRenameConnection(project: string): RenameConnection {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const router = useRouter()
  const saved = useSaved()

  async function move(name: string, revision: number, next: string): Promise<number> {
    const { connection } = await owner.connections.update({ name, revision, set: { name: next } })
    queries.setQueryData(query.connections.get.queryKey({ input: { name: next } }), connection)
    // Undoing it elsewhere leaves the owner where they are.
    if (!router.state.location.pathname.endsWith(`/projects/${project}/connections/${name}`)) return connection.revision
    await navigate({
      to: '/projects/$project/connections/$connection',
      params: { project, connection: next },
      search: (search) => search,
      replace: true,
    })
    return connection.revision
  }

  return async ({ name, revision }, next) => {
    const renamed = await move(name, revision, next)
    saved(() => move(next, renamed, name))
  }
}

interface ConnectionNameProps {
  project: string
  connection: ConnectionRecord
  /** False while the settings below have changes, which would be lost. */
  editable: boolean
  onRename: RenameConnection
}

/** The page's title with the way back, and with a field to rename the connection. */
export function ConnectionName({ project, connection, editable, onRename }: ConnectionNameProps) {
  const { name } = connection
  return (
    <Group gap="4px 12px">
      <BackToConnections project={project} />
      <EditInPlace
        label={t`Name`}
        value={name}
        maxLength={63}
        action={t`Edit name`}
        editable={editable}
        renderEffect={(next) => (next === name ? undefined : renameEffect(connection, next))}
        onSave={(next) => onRename(connection, next)}
      >
        <PageTitle>{name}</PageTitle>
      </EditInPlace>
    </Group>
  )
}

export function BackToConnections({ project }: { project: string }) {
  return (
    <Anchor
      size="sm"
      underline="hover"
      c="dimmed"
      renderRoot={(root) => <Link {...root} to="/projects/$project/connections" params={{ project }} />}
    >{t`‹ Connections`}</Anchor>
  )
}

/** Returns what else changes with a connection's name. */
export function renameEffect({ name, tools }: ConnectionRecord, next: string): string {
  const count = tools === null ? 0 : tools.on + tools.off + tools.review
  const kept = t`Scripts that call ${name} get 403. Permissions, session tokens and the secret stay. Log rows keep the old name.`
  if (count === 0) return kept
  return `${t`${plural(count, '# tool is', '# tools are')} renamed, ${name}__… to ${next}__….`} ${kept}`
}
