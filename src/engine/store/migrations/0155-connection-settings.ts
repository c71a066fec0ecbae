import type { Database } from 'better-sqlite3'

/**
 * What the owner can change about a connection, and what the owner decided about its tools. `rejected` is the form of a
 * tool that the owner rejected, and `former` what the last review replaced.
 */
export function addConnectionSettings(database: Database): void {
  database.exec(`
    ALTER TABLE connections ADD COLUMN description TEXT NOT NULL DEFAULT '';
    ALTER TABLE connections ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE connections ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE connections ADD COLUMN secret_set_at INTEGER;
    ALTER TABLE mcp_tools ADD COLUMN rejected TEXT;
    ALTER TABLE mcp_tools ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE mcp_tools ADD COLUMN former TEXT;
  `)
}
