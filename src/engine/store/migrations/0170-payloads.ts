import type { Database } from 'better-sqlite3'

/**
 * What the owner writes about a project, and payloads of requests. A project's payloads are those recorded since
 * `payloads_since`, and only until `payloads_until`.
 */
export function createPayloads(database: Database): void {
  database.exec(`
    ALTER TABLE projects ADD COLUMN description TEXT NOT NULL DEFAULT '';
    ALTER TABLE projects ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE projects ADD COLUMN payloads_since INTEGER;
    ALTER TABLE projects ADD COLUMN payloads_until INTEGER;
    CREATE TABLE request_payloads (
      id INTEGER PRIMARY KEY REFERENCES requests (id) ON DELETE CASCADE,
      project_id INTEGER NOT NULL,
      recorded_at INTEGER NOT NULL,
      size INTEGER NOT NULL,
      request TEXT NOT NULL,
      response TEXT NOT NULL
    ) STRICT;
    CREATE INDEX request_payloads_by_project ON request_payloads (project_id, recorded_at, size);
  `)
}
