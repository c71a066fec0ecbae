import type { Database } from 'better-sqlite3'
import type { ProjectRow } from '../rows.ts'
import type { StoreReaders } from '../store.ts'

// Names are unique whatever their case, yet looked up exactly: no other spelling ever reaches a row.
export function projectReaders(database: Database): Pick<StoreReaders, 'projects' | 'project'> {
  const all = database.prepare<[], ProjectRow>('SELECT id, name, created_at FROM projects ORDER BY name')
  const byName = database.prepare<[string], ProjectRow>('SELECT id, name, created_at FROM projects WHERE name = ? COLLATE BINARY')
  return {
    projects: () => all.all(),
    project: (name) => byName.get(name) ?? null,
  }
}
