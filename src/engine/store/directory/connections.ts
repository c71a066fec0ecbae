import type { Database } from 'better-sqlite3'
import { invalidRequest } from '../../../contract/errors.ts'
import type { ConnectionRow, ConnectionValues, NewConnection } from '../rows.ts'
import type { DirectoryReaders, DirectoryWriters } from '../directory.ts'

type Stored = Omit<ConnectionRow, 'config' | 'paused'> & { config: string; paused: number }

/** Maximum number of parsed rows in memory. */
const MAX_KEPT = 5000

const COLUMNS =
  'c.id, c.name, c.kind, c.config, c.secret_home AS secret_location, c.secret_account, c.secret_set_at, c.created_at, c.last_used_at, c.description, c.paused, c.revision'

/** Cached rows by name, because a request reads its connection several times. */
export interface KnownConnections {
  /** Drops all rows, because any of them may have changed. */
  forget(): void
}

export function connectionReaders(
  database: Database,
): Pick<DirectoryReaders, 'connections' | 'connection'> & { known: KnownConnections } {
  const all = database.prepare<[], Stored>(`SELECT ${COLUMNS} FROM connections c ORDER BY c.name`)
  const ofProject = database.prepare<[number], Stored>(
    `SELECT ${COLUMNS} FROM connections c JOIN inclusions i ON i.connection_id = c.id WHERE i.project_id = ? ORDER BY c.name`,
  )
  const byName = database.prepare<[string], Stored>(
    `SELECT ${COLUMNS} FROM connections c WHERE c.name = ? COLLATE BINARY`,
  )
  const named = new Map<string, ConnectionRow>()
  // One parsed row per configuration text, because what was opened for a row is found by it.
  const parsed = new Map<number, { stored: Stored; row: ConnectionRow }>()

  function toRow(stored: Stored): ConnectionRow {
    const known = parsed.get(stored.id)
    if (known !== undefined && isSame(known.stored, stored)) return known.row
    if (parsed.size >= MAX_KEPT) parsed.clear()
    const row = parseRow(stored)
    parsed.set(stored.id, { stored, row })
    return row
  }

  return {
    connections: (projectId) => (projectId === undefined ? all.all() : ofProject.all(projectId)).map(toRow),
    connection: (name) => {
      const known = named.get(name)
      if (known !== undefined) return known
      const stored = byName.get(name)
      if (stored === undefined) return null
      const row = toRow(stored)
      if (named.size >= MAX_KEPT) named.clear()
      named.set(name, row)
      return row
    },
    known: { forget: () => named.clear() },
  }
}

function isSame(one: Stored, other: Stored): boolean {
  return (
    one.config === other.config &&
    one.last_used_at === other.last_used_at &&
    one.secret_location === other.secret_location &&
    one.secret_account === other.secret_account &&
    one.name === other.name &&
    one.revision === other.revision
  )
}

/** The only place where a stored configuration gets its type. Every stored text was validated by the schema. */
function parseRow(stored: Stored): ConnectionRow {
  const config = { kind: stored.kind, ...(JSON.parse(stored.config) as object) }
  return deepFrozen({ ...stored, paused: stored.paused === 1, config } as ConnectionRow)
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) deepFrozen(inner)
  return Object.freeze(value)
}

export function connectionWriters(
  database: Database,
  known: KnownConnections,
): Pick<
  DirectoryWriters,
  | 'createConnection'
  | 'updateConnection'
  | 'replaceSecret'
  | 'setSecretLocation'
  | 'touchConnections'
  | 'deleteConnection'
  | 'deleteUnusedConnection'
  | 'renameConnection'
> {
  const taken = database.prepare<[string]>('SELECT 1 FROM connections WHERE name = ?')
  const insert = database
    .prepare<unknown[], number>(
      'INSERT INTO connections (name, kind, config, secret_home, secret_account, created_at, secret_set_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id',
    )
    .pluck()
  const include = database.prepare<[number, number]>('INSERT INTO inclusions (project_id, connection_id) VALUES (?, ?)')
  const passThrough = database.prepare<[number, number]>('UPDATE projects SET pass_through = ? WHERE id = ?')
  const setSecret = database.prepare<[string | null, string, number | null, number]>(
    'UPDATE connections SET secret_home = ?, secret_account = ?, secret_set_at = ?, revision = revision + 1 WHERE id = ?',
  )
  const setLocation = database.prepare<[string | null, number, string]>(
    'UPDATE connections SET secret_home = ? WHERE id = ? AND secret_account = ?',
  )
  const removeUnused = database.prepare<[number, string]>(
    'DELETE FROM connections WHERE id = ? AND secret_account = ? AND id NOT IN (SELECT connection_id FROM inclusions)',
  )
  const touch = database.prepare<[number, number]>(
    'UPDATE connections SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?',
  )
  const rename = database.prepare<[string, number]>(
    'UPDATE connections SET name = ?, revision = revision + 1 WHERE id = ?',
  )
  const update = database.prepare<[string, string, number, string, number, number]>(
    'UPDATE connections SET name = ?, description = ?, paused = ?, config = ?, revision = revision + 1 WHERE id = ? AND revision = ?',
  )
  const remove = database.prepare<[number]>('DELETE FROM connections WHERE id = ?')
  const byId = database.prepare<[number], Stored>(`SELECT ${COLUMNS} FROM connections c WHERE c.id = ?`)
  /** Also clears the cache after a failure, because it is unknown what was written. */
  const changing =
    <Values extends unknown[], Result>(work: (...values: Values) => Result) =>
    (...values: Values): Result => {
      try {
        return work(...values)
      } finally {
        known.forget()
      }
    }
  return {
    // Uses a transaction, because a full disk shows at the commit, which a single statement that returns rows would
    // hide.
    createConnection: changing(
      database.transaction((connection: NewConnection, inclusion?: { projectId: number; passThrough: boolean }) => {
        const { name, kind, config, secret_location, secret_account, created_at } = connection
        if (taken.get(name) !== undefined) throw invalidRequest(`Connection "${name}" already exists.`, 'name')
        const id = insert.get(
          name,
          kind,
          JSON.stringify(config),
          secret_location,
          secret_account,
          created_at,
          secret_location === null ? null : created_at,
        ) as number
        if (inclusion !== undefined) include.run(inclusion.projectId, id)
        if (inclusion?.passThrough === true) passThrough.run(id, inclusion.projectId)
        const stored = byId.get(id)
        if (stored === undefined) throw new Error('A connection just written cannot be read.')
        return parseRow(stored)
      }),
    ),
    updateConnection: changing(
      database.transaction((id: number, revision: number, values: ConnectionValues) => {
        const { name, description, paused, config, secret } = values
        const row = byId.get(id)
        if (row?.revision !== revision) return false
        if (row.name !== name && taken.get(name) !== undefined)
          throw invalidRequest(`Connection "${name}" already exists.`, 'set.name')
        if (secret !== undefined)
          setSecret.run(secret.location, secret.account, secret.location === null ? null : secret.at, id)
        const current = secret === undefined ? revision : revision + 1
        return update.run(name, description, paused ? 1 : 0, JSON.stringify(config), id, current).changes > 0
      }),
    ),
    replaceSecret: changing(
      database.transaction((connectionId: number, home: string | null, account: string, at: number) => {
        const old = byId.get(connectionId)
        if (old === undefined) return null
        setSecret.run(home, account, at, connectionId)
        return { secret_location: old.secret_location, secret_account: old.secret_account }
      }),
    ),
    setSecretLocation: changing(
      (connectionId: number, home: string | null, account: string) =>
        setLocation.run(home, connectionId, account).changes > 0,
    ),
    touchConnections: changing(
      database.transaction((lastUsed: ReadonlyMap<number, number>) => {
        for (const [id, at] of lastUsed) touch.run(at, id)
      }),
    ),
    renameConnection: changing(
      database.transaction((id: number, name: string) => {
        if (taken.get(name) !== undefined) throw invalidRequest(`Connection "${name}" already exists.`, 'new_name')
        rename.run(name, id)
      }),
    ),
    deleteConnection: changing((id: number) => void remove.run(id)),
    deleteUnusedConnection: changing((id: number, account: string) => removeUnused.run(id, account).changes > 0),
  }
}
