import type { Database } from 'better-sqlite3'
import type { McpToolRow } from '../rows.ts'
import type { DirectoryReaders, DirectoryWriters } from '../directory.ts'

export function mcpCatalogReaders(database: Database): Pick<DirectoryReaders, 'mcpCatalog' | 'mcpTools'> {
  const catalog = database.prepare<[number], { content: string; fetched_at: number }>(
    'SELECT content, fetched_at FROM mcp_catalogues WHERE connection_id = ?',
  )
  const tools = database.prepare<[number], Omit<McpToolRow, 'enabled'> & { enabled: number }>(
    'SELECT name, accepted, permission, rejected, enabled, former FROM mcp_tools WHERE connection_id = ? ORDER BY name',
  )
  return {
    mcpCatalog: (connectionId) => catalog.get(connectionId) ?? null,
    mcpTools: (connectionId) => tools.all(connectionId).map((row) => ({ ...row, enabled: row.enabled === 1 })),
  }
}

export function mcpCatalogWriters(
  database: Database,
): Pick<DirectoryWriters, 'setMcpCatalog' | 'setMcpTools' | 'setMcpToolPermission'> {
  const whole = database.prepare<[number, string, number]>(
    'INSERT INTO mcp_catalogues (connection_id, content, fetched_at) VALUES (?, ?, ?) ON CONFLICT (connection_id) DO UPDATE SET content = excluded.content, fetched_at = excluded.fetched_at',
  )
  const time = database.prepare<[number, number]>('UPDATE mcp_catalogues SET fetched_at = ? WHERE connection_id = ?')
  const tool = database.prepare<[number, string, string | null, string | null]>(
    'INSERT INTO mcp_tools (connection_id, name, accepted, permission) VALUES (?, ?, ?, ?) ON CONFLICT (connection_id, name) DO UPDATE SET accepted = excluded.accepted, permission = excluded.permission',
  )
  const review = database.prepare<[number, string, string | null, string | null, string | null, number, string | null]>(
    'INSERT INTO mcp_tools (connection_id, name, accepted, permission, rejected, enabled, former) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (connection_id, name) DO UPDATE SET accepted = excluded.accepted, permission = excluded.permission, rejected = excluded.rejected, enabled = excluded.enabled, former = excluded.former',
  )
  const all = database.transaction((connectionId: number, tools: Parameters<DirectoryWriters['setMcpTools']>[1]) => {
    for (const { name, accepted, permission, rejected, enabled, former } of tools)
      review.run(connectionId, name, accepted, permission, rejected, enabled ? 1 : 0, former)
  })
  return {
    setMcpCatalog: (connectionId, content, fetchedAt) => {
      if (content === null) time.run(fetchedAt, connectionId)
      else whole.run(connectionId, content, fetchedAt)
    },
    setMcpTools: (connectionId, tools) => all(connectionId, tools),
    setMcpToolPermission: (connectionId, { name, accepted, permission }) =>
      void tool.run(connectionId, name, accepted, permission),
  }
}
