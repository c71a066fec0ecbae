import type { Database } from 'better-sqlite3'

/** What a project shows MCP clients; a pass-through ends with its connection. */
export function addProjectModes(database: Database): void {
  database.exec(`
    ALTER TABLE projects ADD COLUMN mode TEXT NOT NULL DEFAULT 'all';
    ALTER TABLE projects ADD COLUMN pass_through INTEGER REFERENCES connections (id) ON DELETE SET NULL;
  `)
}
