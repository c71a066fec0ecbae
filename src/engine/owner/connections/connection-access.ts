import type { Permission } from '../../../contract/grants.ts'
import type { ConnectionAccess } from '../../../contract/owner-api/connection-effects.ts'
import { decide } from '../../access/decide.ts'
import { grantsOn } from '../../access/grant-index.ts'
import { findConnection } from '../find-rows.ts'
import type { OwnerParts } from '../owner-parts.ts'

/** Lists the active tokens that can use a connection, and how much of it, decided by the same code as a request. */
export async function connectionAccess({ store, access }: OwnerParts, name: string): Promise<ConnectionAccess[]> {
  const connection = findConnection(store, name).name
  const tokens = await access.tokens()
  return tokens.flatMap(({ project, name: token, status, grants }) => {
    const held = grantsOn(grants, connection)
    if (status !== 'active' || held.length === 0) return []
    const extent = (permission: Permission): ConnectionAccess['read'] => {
      if (!decide(held, { connection, permission }).allowed) return 'none'
      // Only a grant without limits covers a whole connection.
      return decide(held, { connection, permission, wholeDocument: true }).allowed ? 'all' : 'limited'
    }
    return [
      { project, token, read: extent('read'), write: extent('write'), schema: extent('schema'), grants: [...held] },
    ]
  })
}
