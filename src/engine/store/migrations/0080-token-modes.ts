import type { Database } from 'better-sqlite3'

/** What a token's MCP clients see. Null if the project decides. */
export function addTokenModes(database: Database): void {
  database.exec('ALTER TABLE tokens ADD COLUMN mode TEXT')
}
