import type { Database } from 'better-sqlite3'

/** The request log. It stores names instead of IDs, because rows outlive their project, token and connection. */
export function createRequests(database: Database): void {
  database.exec(`
    CREATE TABLE requests (
      id INTEGER PRIMARY KEY,
      time INTEGER NOT NULL,
      request_id TEXT NOT NULL,
      project TEXT,
      token TEXT,
      token_kind TEXT,
      parent TEXT,
      client TEXT,
      transport TEXT NOT NULL,
      method TEXT NOT NULL,
      connection TEXT,
      resource TEXT,
      status INTEGER,
      code TEXT,
      duration_ms REAL,
      bytes_in INTEGER NOT NULL,
      bytes_out INTEGER NOT NULL,
      records INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX requests_by_time ON requests (time);
    CREATE INDEX requests_by_project ON requests (project, id);
  `)
}
