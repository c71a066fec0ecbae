import type { Database } from 'better-sqlite3'

/**
 * Tokens and their grants. A grant references the inclusion instead of a name: when a connection leaves the project,
 * all grants on it are deleted, and a new connection of the same name inherits none.
 */
export function createTokensAndGrants(database: Database): void {
  database.exec(`
    CREATE TABLE tokens (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
      name TEXT NOT NULL COLLATE NOCASE,
      kind TEXT NOT NULL,
      prefix TEXT,
      hash TEXT UNIQUE,
      rate TEXT,
      created_at INTEGER NOT NULL,
      expires_at INTEGER,
      revoked_at INTEGER,
      last_used_at INTEGER,
      UNIQUE (project_id, name),
      UNIQUE (id, project_id)
    ) STRICT;
    CREATE TABLE grants (
      token_id INTEGER NOT NULL,
      position INTEGER NOT NULL,
      project_id INTEGER NOT NULL,
      connection_id INTEGER NOT NULL,
      permissions TEXT NOT NULL,
      tables TEXT,
      tools TEXT,
      paths TEXT,
      PRIMARY KEY (token_id, position),
      FOREIGN KEY (token_id, project_id) REFERENCES tokens (id, project_id) ON DELETE CASCADE,
      FOREIGN KEY (project_id, connection_id) REFERENCES inclusions (project_id, connection_id) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX grants_by_inclusion ON grants (project_id, connection_id);
  `)
}
