import type { Principal } from '../../access/principal.ts'
import type { DocumentEntry } from '../../calls/document-calls.ts'

/** A connection as returned by `list_documents` and `list_connections`. A missing list means no limit. */
interface ReachableConnection {
  name: string
  kind?: string
  permissions: string[]
  tables?: string[]
  tools?: string[]
  paths?: string[]
}

export function listedDocument(entry: DocumentEntry): ReachableConnection {
  return {
    name: entry.name,
    kind: entry.kind,
    permissions: entry.permissions,
    ...(entry.tables === null ? {} : { tables: entry.tables }),
  }
}

/** Returns one entry per grant, because two grants on one connection don't add up. */
export function connectionsOf(
  principal: Principal,
  kindOf: (connection: string) => string | null,
): ReachableConnection[] {
  return principal.grants.map(({ connection, permissions, tables, tools, paths }) => {
    const kind = kindOf(connection)
    return {
      name: connection,
      ...(kind === null ? {} : { kind }),
      permissions: [...permissions],
      ...(tables === undefined ? {} : { tables }),
      ...(tools === undefined ? {} : { tools }),
      ...(paths === undefined ? {} : { paths }),
    }
  })
}
