import type { Database } from 'better-sqlite3'
import { invalidRequest } from '../../../contract/errors.ts'
import type { TokenBudget } from '../../../contract/tokens/token-budget.ts'
import type { NewToken, TokenRow, TokenUse, TokenValues } from '../rows.ts'
import type { DirectoryReaders, DirectoryWriters } from '../directory.ts'
import type { FormerTokens } from './former-tokens.ts'
import { grantReaders, grantWriter } from './grants.ts'

type Stored = Omit<TokenRow, 'grants' | 'budget'> & { budget: string | null }
type TokenReaders = Pick<DirectoryReaders, 'tokens' | 'token' | 'tokenByHash' | 'tokenById' | 'tokenUse'>

const SELECT = `SELECT id, project_id, name, kind, prefix, hash, rate, created_at, expires_at, revoked_at, last_used_at, mode, answer_chars, description, paused, former_hash, former_until, revision, budget FROM tokens`

export function tokenReaders(database: Database): TokenReaders {
  const grants = grantReaders(database)
  const all = database.prepare<[], Stored>(`${SELECT} ORDER BY project_id, name`)
  const ofProject = database.prepare<[number], Stored>(`${SELECT} WHERE project_id = ? ORDER BY name`)
  const byName = database.prepare<[number, string], Stored>(
    `${SELECT} WHERE project_id = ? AND name = ? COLLATE BINARY`,
  )
  const byHash = database.prepare<[string, string], Stored>(`${SELECT} WHERE hash = ? OR former_hash = ?`)
  const byId = database.prepare<[number], Stored>(`${SELECT} WHERE id = ?`)

  const use = database.prepare<[number], TokenUse>(
    'SELECT used_day AS day, used_requests AS requests, used_records AS records, used_bytes AS bytes FROM tokens WHERE id = ?',
  )

  function rowOf(stored: Stored, granted: TokenRow['grants']): TokenRow {
    const budget = stored.budget === null ? null : (JSON.parse(stored.budget) as TokenBudget)
    return { ...stored, budget, grants: granted }
  }

  function withGrants(stored: Stored | undefined): TokenRow | null {
    return stored === undefined ? null : rowOf(stored, grants.ofToken(stored.id))
  }

  return {
    tokens(projectId) {
      const granted = grants.all()
      return (projectId === undefined ? all.all() : ofProject.all(projectId)).map((stored) =>
        rowOf(stored, granted.get(stored.id) ?? []),
      )
    },
    token: (projectId, name) => withGrants(byName.get(projectId, name)),
    tokenByHash: (hash) => withGrants(byHash.get(hash, hash)),
    tokenById: (id) => withGrants(byId.get(id)),
    tokenUse: (id) => use.get(id) ?? null,
  }
}

type TokenWriters = Pick<
  DirectoryWriters,
  | 'createToken'
  | 'replaceToken'
  | 'revokeToken'
  | 'rotateToken'
  | 'extendToken'
  | 'updateToken'
  | 'deleteToken'
  | 'renameToken'
  | 'touchTokens'
  | 'setTokenUse'
  | 'revokeAllTokens'
>

export function tokenWriters(
  database: Database,
  tokenById: DirectoryReaders['tokenById'],
  former: FormerTokens,
): TokenWriters {
  const writeGrants = grantWriter(database)
  const named = database
    .prepare<[number, string], number>('SELECT id FROM tokens WHERE project_id = ? AND name = ?')
    .pluck()
  const insert = database
    .prepare<unknown[], number>(
      `INSERT INTO tokens (project_id, name, kind, prefix, hash, rate, created_at, expires_at, mode, answer_chars, description, budget)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    )
    .pluck()
  const revoke = database.prepare<[number, number]>(
    'UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL',
  )
  const revokeAll = database.prepare<[number]>('UPDATE tokens SET revoked_at = ? WHERE revoked_at IS NULL')
  const setSecret = database.prepare<[string, string, string | null, number | null, number, string | null]>(
    'UPDATE tokens SET prefix = ?, hash = ?, former_hash = ?, former_until = ? WHERE id = ? AND hash IS ? AND revoked_at IS NULL',
  )
  const setExpiry = database.prepare<[number | null, number, number]>(
    'UPDATE tokens SET expires_at = ?, revision = revision + 1 WHERE id = ? AND revision = ? AND revoked_at IS NULL',
  )
  const remove = database.prepare<[number]>('DELETE FROM tokens WHERE id = ?')
  const touch = database.prepare<[number, number]>(
    'UPDATE tokens SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?',
  )

  const setUse = database.prepare<[number, number, number, number, number]>(
    'UPDATE tokens SET used_day = ?, used_requests = ?, used_records = ?, used_bytes = ? WHERE id = ?',
  )

  const create = database.transaction((token: NewToken): number => {
    if (named.get(token.project_id, token.name) !== undefined) {
      throw invalidRequest(`Token "${token.name}" already exists in this project.`, 'name', { reason: 'exists' })
    }
    const {
      project_id,
      name,
      kind,
      prefix,
      hash,
      rate,
      created_at,
      expires_at,
      mode = null,
      answer_chars: chars = null,
      description = '',
      budget = null,
    } = token
    const id = insert.get(
      project_id,
      name,
      kind,
      prefix,
      hash,
      rate,
      created_at,
      expires_at,
      mode,
      chars,
      description,
      budgetText(budget),
    ) as number
    writeGrants(id, project_id, token.grants)
    return id
  })

  const replace = database.transaction((token: NewToken) => {
    const old = named.get(token.project_id, token.name)
    const replaced = old === undefined ? null : tokenById(old)
    if (old !== undefined) {
      former.remember(old, 'deleted')
      remove.run(old)
    }
    return { row: written(create(token)), replaced }
  })

  function written(id: number): TokenRow {
    const row = tokenById(id)
    if (row === null) throw new Error('A token just written cannot be read.')
    return row
  }

  const setValues = database.prepare<
    [
      string | null,
      string,
      string | null,
      string | null,
      number | null,
      number | null,
      number,
      string | null,
      number,
      number,
    ]
  >(
    'UPDATE tokens SET name = coalesce(?, name), description = ?, rate = ?, mode = ?, answer_chars = ?, expires_at = ?, paused = ?, budget = ?, revision = revision + 1 WHERE id = ? AND revision = ?',
  )
  const rename = database.prepare<[string, number]>('UPDATE tokens SET name = ?, revision = revision + 1 WHERE id = ?')
  const removeGrants = database.prepare<[number]>('DELETE FROM grants WHERE token_id = ?')
  const update = database.transaction((id: number, projectId: number, revision: number, values: TokenValues) => {
    const { name = null, description, rate, mode, answer_chars: chars, expires_at: expiresAt, paused } = values
    const namesake = name === null ? undefined : named.get(projectId, name)
    if (namesake !== undefined && namesake !== id)
      throw invalidRequest(`Token "${name}" already exists in this project.`, 'name', { reason: 'exists' })
    const budget = budgetText(values.budget)
    if (setValues.run(name, description, rate, mode, chars, expiresAt, paused, budget, id, revision).changes === 0)
      return false
    removeGrants.run(id)
    writeGrants(id, projectId, values.grants)
    return true
  })

  return {
    createToken: (token) => written(create(token)),
    replaceToken: replace,
    revokeToken: (id, at) => void revoke.run(at, id),
    rotateToken: database.transaction(
      (
        id: number,
        ifHash: string | null,
        { prefix, hash }: { prefix: string; hash: string },
        overlapUntil: number | null = null,
      ) => {
        former.remember(id, 'rotated')
        const overlap = overlapUntil === null ? null : ifHash
        return setSecret.run(prefix, hash, overlap, overlapUntil, id, ifHash).changes > 0
      },
    ),
    extendToken: (id, revision, expiresAt) => setExpiry.run(expiresAt, id, revision).changes > 0,
    updateToken: update,
    deleteToken: database.transaction((id: number) => {
      former.remember(id, 'deleted')
      remove.run(id)
    }),
    renameToken: database.transaction((id: number, projectId: number, name: string) => {
      if (named.get(projectId, name) !== undefined)
        throw invalidRequest(`Token "${name}" already exists in this project.`, 'new_name', { reason: 'exists' })
      rename.run(name, id)
    }),
    touchTokens: database.transaction((lastUsed: ReadonlyMap<number, number>) => {
      for (const [id, at] of lastUsed) touch.run(at, id)
    }),
    setTokenUse: database.transaction((used: ReadonlyMap<number, TokenUse>) => {
      for (const [id, { day, requests, records, bytes }] of used) setUse.run(day, requests, records, bytes, id)
    }),
    revokeAllTokens: (at) => revokeAll.run(at).changes,
  }
}

function budgetText(budget: TokenBudget | null): string | null {
  return budget === null ? null : JSON.stringify(budget)
}
