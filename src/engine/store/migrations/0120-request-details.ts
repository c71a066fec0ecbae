import type { Database } from 'better-sqlite3'

/**
 * Adds what a request says about its token, its refusal and its timing, and the names of tokens whose secret no longer
 * exists, so that requests with it can be named.
 */
export function addRequestDetails(database: Database): void {
  database.exec(`
    ALTER TABLE requests ADD COLUMN token_state TEXT;
    ALTER TABLE requests ADD COLUMN token_prefix TEXT;
    ALTER TABLE requests ADD COLUMN refusal TEXT;
    ALTER TABLE requests ADD COLUMN cause TEXT;
    ALTER TABLE requests ADD COLUMN checks_ms REAL;
    ALTER TABLE requests ADD COLUMN approval_ms REAL;
    ALTER TABLE requests ADD COLUMN queue_ms REAL;
    ALTER TABLE requests ADD COLUMN upstream_ms REAL;
    ALTER TABLE requests ADD COLUMN reply_ms REAL;
    CREATE INDEX requests_by_cause ON requests (cause, id) WHERE cause IS NOT NULL;
    CREATE TABLE former_tokens (
      hash TEXT PRIMARY KEY,
      project TEXT NOT NULL,
      name TEXT NOT NULL,
      state TEXT NOT NULL,
      ended_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `)
}
