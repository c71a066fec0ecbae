import type { Database } from 'better-sqlite3'
import type { McpToolRow } from '../rows.ts'
import type { StoreReaders } from '../store.ts'

export function mcpCatalogReaders(database: Database): Pick<StoreReaders, 'mcpCatalog' | 'mcpTools'> {
  const catalog = database.prepare<[number], { content: string; fetched_at: number }>(
    'SELECT content, fetched_at FROM mcp_catalogues WHERE connection_id = ?',
  )
  const tools = database.prepare<[number], McpToolRow>(
    'SELECT name, accepted, permission FROM mcp_tools WHERE connection_id = ? ORDER BY name',
  )
  return {
    mcpCatalog: (connectionId) => catalog.get(connectionId) ?? null,
    mcpTools: (connectionId) => tools.all(connectionId),
  }
}
