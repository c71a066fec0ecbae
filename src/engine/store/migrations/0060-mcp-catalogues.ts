import type { Database } from 'better-sqlite3'

/** The lists of each MCP connection as last received, and which of its tools the owner has accepted in which form. */
export function createMcpCatalogues(database: Database): void {
  database.exec(`
    CREATE TABLE mcp_catalogues (
      connection_id INTEGER PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
      content TEXT NOT NULL,
      fetched_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE mcp_tools (
      connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      accepted TEXT,
      permission TEXT,
      PRIMARY KEY (connection_id, name)
    ) STRICT, WITHOUT ROWID;
  `)
}
