import type { Principal } from '../../access/principal.ts'
import type { DocumentEntry } from '../../calls/document-calls.ts'

/** A connection as `list_documents` and `list_connections` tell it. A list that is absent means "not narrowed". */
export interface ReachableConnection {
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

/** One entry a grant, since two grants on one connection do not add up to one. */
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
