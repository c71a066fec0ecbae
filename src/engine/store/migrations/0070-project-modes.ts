import type { Database } from 'better-sqlite3'

/** What a project shows MCP clients. A pass-through is cleared when its connection is deleted. */
export function addProjectModes(database: Database): void {
  database.exec(`
    ALTER TABLE projects ADD COLUMN mode TEXT NOT NULL DEFAULT 'all';
    ALTER TABLE projects ADD COLUMN pass_through INTEGER REFERENCES connections (id) ON DELETE SET NULL;
  `)
}
