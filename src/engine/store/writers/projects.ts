import type { Database } from 'better-sqlite3'
import { invalidRequest } from '../../../contract/errors.ts'
import type { ProjectRow } from '../rows.ts'
import type { StoreWriters } from '../store.ts'

export function projectWriters(
  database: Database,
): Pick<StoreWriters, 'createProject' | 'deleteProject' | 'setProjectMode'> {
  const taken = database.prepare<[string]>('SELECT 1 FROM projects WHERE name = ?')
  const insert = database.prepare<[string, number], ProjectRow>(
    'INSERT INTO projects (name, created_at) VALUES (?, ?) RETURNING id, name, created_at, mode, NULL AS pass_through',
  )
  const setMode = database.prepare<[string, number | null, number]>(
    'UPDATE projects SET mode = ?, pass_through = ? WHERE id = ?',
  )
  const remove = database.prepare<[number]>('DELETE FROM projects WHERE id = ?')
  return {
    createProject(name, createdAt) {
      if (taken.get(name) !== undefined)
        throw invalidRequest(`Project "${name}" already exists.`, 'name', { reason: 'taken' })
      return insert.get(name, createdAt) as ProjectRow
    },
    deleteProject: (id) => void remove.run(id),
    setProjectMode: (id, { mode, passThroughId }) => void setMode.run(mode, passThroughId, id),
  }
}
