import type { Database } from 'better-sqlite3'
import type { StoreReaders } from '../store.ts'

export function inclusionReaders(database: Database): Pick<StoreReaders, 'projectsOf' | 'includes'> {
  const projectNames = database
    .prepare<[number], string>(
      'SELECT p.name FROM projects p JOIN inclusions i ON i.project_id = p.id WHERE i.connection_id = ? ORDER BY p.name',
    )
    .pluck()
  const one = database.prepare<[number, number]>('SELECT 1 FROM inclusions WHERE project_id = ? AND connection_id = ?')
  return {
    projectsOf: (connectionId) => projectNames.all(connectionId) as string[],
    includes: (projectId, connectionId) => one.get(projectId, connectionId) !== undefined,
  }
}
