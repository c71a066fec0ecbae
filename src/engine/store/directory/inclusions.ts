import type { Database } from 'better-sqlite3'
import type { DirectoryReaders, DirectoryWriters } from '../directory.ts'

const INCLUSION = 'SELECT 1 FROM inclusions WHERE project_id = ? AND connection_id = ?'

export function inclusionReaders(database: Database): Pick<DirectoryReaders, 'projectsOf' | 'includes'> {
  const projectNames = database
    .prepare<[number], string>(
      'SELECT p.name FROM projects p JOIN inclusions i ON i.project_id = p.id WHERE i.connection_id = ? ORDER BY p.name',
    )
    .pluck()
  const one = database.prepare<[number, number]>(INCLUSION)
  return {
    projectsOf: (connectionId) => projectNames.all(connectionId) as string[],
    includes: (projectId, connectionId) => one.get(projectId, connectionId) !== undefined,
  }
}

export function inclusionWriters(database: Database): Pick<DirectoryWriters, 'include' | 'exclude'> {
  const insert = database.prepare<[number, number]>(
    `INSERT INTO inclusions (project_id, connection_id) SELECT p.id, c.id FROM projects p, connections c WHERE p.id = ? AND c.id = ?
     ON CONFLICT DO NOTHING`,
  )
  const one = database.prepare<[number, number]>(INCLUSION)
  const remove = database.prepare<[number, number]>('DELETE FROM inclusions WHERE project_id = ? AND connection_id = ?')
  return {
    include: database.transaction((projectId: number, connectionId: number) => {
      insert.run(projectId, connectionId)
      return one.get(projectId, connectionId) !== undefined
    }),
    exclude: database.transaction((projectIds: readonly number[], connectionId: number) => {
      for (const projectId of projectIds) remove.run(projectId, connectionId)
    }),
  }
}
