import type { Database } from 'better-sqlite3'
import { invalidRequest } from '../../../contract/errors.ts'
import type { Grant, Permission } from '../../../contract/grants.ts'

interface Stored {
  token_id: number
  connection: string
  permissions: string
  tables: string | null
  tools: string | null
  paths: string | null
}

interface GrantReaders {
  ofToken(tokenId: number): Grant[]
  /** By token ID. Tokens without grants are missing. */
  all(): Map<number, Grant[]>
}

const SELECT = `SELECT g.token_id, c.name AS connection, g.permissions, g.tables, g.tools, g.paths
  FROM grants g JOIN connections c ON c.id = g.connection_id`

export function grantReaders(database: Database): GrantReaders {
  const ofToken = database.prepare<[number], Stored>(`${SELECT} WHERE g.token_id = ? ORDER BY g.position`)
  const all = database.prepare<[], Stored>(`${SELECT} ORDER BY g.token_id, g.position`)
  return {
    ofToken: (tokenId) => ofToken.all(tokenId).map(toGrant),
    all() {
      const grants = new Map<number, Grant[]>()
      for (const stored of all.all()) {
        const known = grants.get(stored.token_id)
        if (known === undefined) grants.set(stored.token_id, [toGrant(stored)])
        else known.push(toGrant(stored))
      }
      return grants
    },
  }
}

function toGrant(stored: Stored): Grant {
  return {
    connection: stored.connection,
    permissions: JSON.parse(stored.permissions) as Permission[],
    ...narrowing('tables', stored.tables),
    ...narrowing('tools', stored.tools),
    ...narrowing('paths', stored.paths),
  }
}

function narrowing(field: 'tables' | 'tools' | 'paths', stored: string | null): Partial<Grant> {
  return stored === null ? {} : { [field]: JSON.parse(stored) as string[] }
}

/** Returns a function that stores a new token's grants. It runs inside the caller's transaction. */
export function grantWriter(
  database: Database,
): (tokenId: number, projectId: number, grants: readonly Grant[]) => void {
  const included = database
    .prepare<[string, number], number>(
      `SELECT c.id FROM connections c JOIN inclusions i ON i.connection_id = c.id
       WHERE c.name = ? COLLATE BINARY AND i.project_id = ?`,
    )
    .pluck()
  const insert = database.prepare(
    'INSERT INTO grants (token_id, position, project_id, connection_id, permissions, tables, tools, paths) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  return (tokenId, projectId, grants) => {
    for (const [position, grant] of grants.entries()) {
      const connectionId = included.get(grant.connection, projectId)
      if (connectionId === undefined) {
        throw invalidRequest(`Connection "${grant.connection}" isn't in this project.`, 'grants')
      }
      insert.run(tokenId, position, projectId, connectionId, JSON.stringify(grant.permissions), ...narrowings(grant))
    }
  }
}

function narrowings(grant: Grant): (string | null)[] {
  return [grant.tables, grant.tools, grant.paths].map((list) => (list === undefined ? null : JSON.stringify(list)))
}
