import type { Database } from 'better-sqlite3'
import { HallpassError } from '../../../contract/errors.ts'
import type { Grant } from '../../../contract/grants.ts'

/** Answers a function that stores a new token's grants; it runs inside the caller's transaction. */
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
        throw new HallpassError(
          'INVALID_REQUEST',
          `The project does not include a connection named “${grant.connection}”.`,
        )
      }
      insert.run(tokenId, position, projectId, connectionId, JSON.stringify(grant.permissions), ...narrowings(grant))
    }
  }
}

function narrowings(grant: Grant): (string | null)[] {
  return [grant.tables, grant.tools, grant.paths].map((list) => (list === undefined ? null : JSON.stringify(list)))
}
