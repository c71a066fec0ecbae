import type { Database } from 'better-sqlite3'
import type { ConnectionRow } from '../rows.ts'
import type { StoreReaders } from '../store.ts'

type Stored = Omit<ConnectionRow, 'config'> & { config: string }

const COLUMNS = 'c.id, c.name, c.kind, c.config, c.secret_home, c.secret_account, c.created_at, c.last_used_at'

export function connectionReaders(database: Database): Pick<StoreReaders, 'connections' | 'connection'> {
  const all = database.prepare<[], Stored>(`SELECT ${COLUMNS} FROM connections c ORDER BY c.name`)
  const ofProject = database.prepare<[number], Stored>(
    `SELECT ${COLUMNS} FROM connections c JOIN inclusions i ON i.connection_id = c.id WHERE i.project_id = ? ORDER BY c.name`,
  )
  const byName = database.prepare<[string], Stored>(
    `SELECT ${COLUMNS} FROM connections c WHERE c.name = ? COLLATE BINARY`,
  )
  return {
    connections: (projectId) => (projectId === undefined ? all.all() : ofProject.all(projectId)).map(toRow),
    connection: (name) => {
      const stored = byName.get(name)
      return stored === undefined ? null : toRow(stored)
    },
  }
}

function toRow(stored: Stored): ConnectionRow {
  return { ...stored, config: JSON.parse(stored.config) as Record<string, unknown> }
}
