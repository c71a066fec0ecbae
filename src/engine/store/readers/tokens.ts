import type { Database } from 'better-sqlite3'
import type { TokenRow } from '../rows.ts'
import type { StoreReaders } from '../store.ts'
import { grantReaders } from './grants.ts'

type Stored = Omit<TokenRow, 'grants'>
type TokenReaders = Pick<StoreReaders, 'tokens' | 'token' | 'tokenByHash' | 'tokenById'>

const SELECT = `SELECT id, project_id, name, kind, prefix, hash, rate, created_at, expires_at, revoked_at, last_used_at, mode FROM tokens`

export function tokenReaders(database: Database): TokenReaders {
  const grants = grantReaders(database)
  const all = database.prepare<[], Stored>(`${SELECT} ORDER BY project_id, name`)
  const ofProject = database.prepare<[number], Stored>(`${SELECT} WHERE project_id = ? ORDER BY name`)
  const byName = database.prepare<[number, string], Stored>(
    `${SELECT} WHERE project_id = ? AND name = ? COLLATE BINARY`,
  )
  const byHash = database.prepare<[string], Stored>(`${SELECT} WHERE hash = ?`)
  const byId = database.prepare<[number], Stored>(`${SELECT} WHERE id = ?`)

  function withGrants(stored: Stored | undefined): TokenRow | null {
    return stored === undefined ? null : { ...stored, grants: grants.ofToken(stored.id) }
  }

  return {
    tokens(projectId) {
      const granted = grants.all()
      return (projectId === undefined ? all.all() : ofProject.all(projectId)).map((stored) => ({
        ...stored,
        grants: granted.get(stored.id) ?? [],
      }))
    },
    token: (projectId, name) => withGrants(byName.get(projectId, name)),
    tokenByHash: (hash) => withGrants(byHash.get(hash)),
    tokenById: (id) => withGrants(byId.get(id)),
  }
}
