import type { Database } from 'better-sqlite3'
import { invalidRequest } from '../../../contract/errors.ts'
import type { StoreWriters } from '../store.ts'

export function connectionWriters(
  database: Database,
): Pick<StoreWriters, 'createConnection' | 'setSecretHome' | 'touchConnections' | 'deleteConnection'> {
  const taken = database.prepare<[string]>('SELECT 1 FROM connections WHERE name = ?')
  const insert = database
    .prepare<unknown[], number>(
      'INSERT INTO connections (name, kind, config, secret_home, secret_account, created_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id',
    )
    .pluck()
  const setHome = database.prepare<[string | null, string, number]>(
    'UPDATE connections SET secret_home = ?, secret_account = ? WHERE id = ?',
  )
  const touch = database.prepare<[number, number]>(
    'UPDATE connections SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?',
  )
  const remove = database.prepare<[number]>('DELETE FROM connections WHERE id = ?')
  return {
    createConnection(connection) {
      const { name, kind, config, secret_home, secret_account, created_at } = connection
      if (taken.get(name) !== undefined)
        throw invalidRequest(`Connection "${name}" already exists.`, 'name', { reason: 'taken' })
      const id = insert.get(name, kind, JSON.stringify(config), secret_home, secret_account, created_at) as number
      return { ...connection, id, last_used_at: null }
    },
    setSecretHome: (connectionId, home, account) => void setHome.run(home, account, connectionId),
    touchConnections: database.transaction((lastUsed: ReadonlyMap<number, number>) => {
      for (const [id, at] of lastUsed) touch.run(at, id)
    }),
    deleteConnection: (id) => void remove.run(id),
  }
}
