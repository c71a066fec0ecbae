import type { Database } from 'better-sqlite3'

/** Projects, connections, inclusions, settings, and facts about the file itself. */
export function createProjectsAndConnections(database: Database): void {
  database.exec(`
    CREATE TABLE store_identity (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      instance TEXT NOT NULL,
      generation INTEGER NOT NULL,
      marker TEXT NOT NULL,
      highest_request_id INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE settings (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE projects (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE COLLATE NOCASE,
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE connections (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE COLLATE NOCASE,
      kind TEXT NOT NULL,
      config TEXT NOT NULL,
      secret_home TEXT,
      secret_account TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE inclusions (
      project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
      connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
      PRIMARY KEY (project_id, connection_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX inclusions_by_connection ON inclusions (connection_id);
  `)
}
