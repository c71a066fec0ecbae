import type { Database } from 'better-sqlite3'
import type { ProjectRow } from '../rows.ts'
import type { StoreReaders } from '../store.ts'

const COLUMNS = `p.id, p.name, p.created_at, p.mode, (
  SELECT c.name FROM connections c JOIN inclusions i ON i.connection_id = c.id WHERE c.id = p.pass_through AND i.project_id = p.id
) AS pass_through`

// Names are unique whatever their case, yet looked up exactly: no other spelling ever reaches a row.
export function projectReaders(database: Database): Pick<StoreReaders, 'projects' | 'project'> {
  const all = database.prepare<[], ProjectRow>(`SELECT ${COLUMNS} FROM projects p ORDER BY p.name`)
  const byName = database.prepare<[string], ProjectRow>(
    `SELECT ${COLUMNS} FROM projects p WHERE p.name = ? COLLATE BINARY`,
  )
  return {
    projects: () => all.all(),
    project: (name) => byName.get(name) ?? null,
  }
}
