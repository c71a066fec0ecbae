import type { Database } from 'better-sqlite3'
import { invalidRequest } from '../../../contract/errors.ts'
import type { ConfigurationWrites, ProjectRow, StoredConfiguration, TokenRow } from '../rows.ts'
import type { DirectoryReaders, DirectoryWriters } from '../directory.ts'
import type { KnownConnections } from './connections.ts'

type Readers = Pick<DirectoryReaders, 'project' | 'connection'>
type Writers = Omit<DirectoryWriters, 'applyConfiguration'>

/** Composes the other writers, so that everything is written in one transaction or nothing is. */
export function configurationWriters(
  database: Database,
  read: Readers,
  write: Writers,
  known: KnownConnections,
): Pick<DirectoryWriters, 'applyConfiguration'> {
  const setConnection = database.prepare<[string, string, string | null, string, number | null, number, string]>(
    'UPDATE connections SET config = ?, description = ?, secret_home = ?, secret_account = ?, secret_set_at = ?, revision = revision + 1 WHERE id = ? AND secret_account = ?',
  )

  const describe = database.prepare<[string, number]>('UPDATE connections SET description = ? WHERE id = ?')

  function projectNamed(name: string): ProjectRow {
    const row = read.project(name)
    if (row === null) throw changedMeanwhile()
    return row
  }

  function connectionId(name: string): number {
    const row = read.connection(name)
    if (row === null) throw changedMeanwhile()
    return row.id
  }

  function writeConnections({ connections }: ConfigurationWrites): void {
    for (const { description, ...connection } of connections.created) {
      const { id } = write.createConnection(connection)
      if (description !== '') describe.run(description, id)
    }
    for (const {
      id,
      ifAccount,
      config,
      description,
      secret_location,
      secret_account,
      secret_set_at,
    } of connections.updated) {
      const { changes } = setConnection.run(
        JSON.stringify(config),
        description,
        secret_location,
        secret_account ?? ifAccount,
        secret_set_at,
        id,
        ifAccount,
      )
      if (changes === 0) throw changedMeanwhile()
    }
    for (const { connectionId: id, tool } of connections.tools) write.setMcpToolPermission(id, tool)
    known.forget()
  }

  function writeProjects({ projects }: ConfigurationWrites): void {
    for (const { name, created_at } of projects.created) write.createProject(name, created_at)
    for (const { project, connection } of projects.included)
      if (!write.include(projectNamed(project).id, connectionId(connection))) throw changedMeanwhile()
    for (const { project, ...values } of projects.updated)
      if (!write.updateProject(projectNamed(project).id, values)) throw changedMeanwhile()
  }

  const apply = database.transaction((writes: ConfigurationWrites): StoredConfiguration => {
    if (writes.setting !== null) write.setSetting(writes.setting.key, writes.setting.value)
    for (const id of writes.tokens.deleted) write.deleteToken(id)
    for (const { projectId, connectionId: id } of writes.projects.excluded) write.exclude([projectId], id)
    for (const id of writes.projects.deleted) write.deleteProject(id)
    for (const id of writes.connections.deleted) write.deleteConnection(id)
    writeConnections(writes)
    writeProjects(writes)
    for (const { id, project, revision, values } of writes.tokens.updated)
      if (!write.updateToken(id, projectNamed(project).id, revision, values)) throw changedMeanwhile()
    const created: TokenRow[] = writes.tokens.created.map(({ project, description, ...token }) => {
      const { id: projectId } = projectNamed(project)
      const row = write.createToken({ ...token, project_id: projectId })
      if (description !== '' && !write.updateToken(row.id, projectId, row.revision, { ...row, description }))
        throw changedMeanwhile()
      return { ...row, description, revision: row.revision + (description === '' ? 0 : 1) }
    })
    return { created }
  })

  return {
    applyConfiguration(writes) {
      try {
        return apply(writes)
      } finally {
        known.forget()
      }
    },
  }
}

function changedMeanwhile() {
  return invalidRequest('Something changed while the configuration was being applied. Run it again.', 'configuration', {
    reason: 'changed',
  })
}
