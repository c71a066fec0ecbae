import type { Database } from 'better-sqlite3'
import type { StoreWriters } from '../store.ts'

export function inclusionWriters(database: Database): Pick<StoreWriters, 'include' | 'exclude'> {
  const insert = database.prepare<[number, number]>(
    'INSERT INTO inclusions (project_id, connection_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
  )
  const remove = database.prepare<[number, number]>('DELETE FROM inclusions WHERE project_id = ? AND connection_id = ?')
  return {
    include: (projectId, connectionId) => void insert.run(projectId, connectionId),
    exclude: (projectId, connectionId) => void remove.run(projectId, connectionId),
  }
}
