import type { Database } from 'better-sqlite3'

/**
 * Seals the request log: rows that end together form a batch, whose hash covers them and the previous batch. Adds
 * columns about the token and the decision, and an index for each filter. Existing rows stay unsealed.
 */
export function sealLog(database: Database): void {
  database.exec(`
    ALTER TABLE requests ADD COLUMN token_hash TEXT;
    ALTER TABLE requests ADD COLUMN permission TEXT;
    ALTER TABLE requests ADD COLUMN "grant" TEXT;
    ALTER TABLE requests ADD COLUMN missing TEXT;
    ALTER TABLE requests ADD COLUMN seal INTEGER;
    CREATE TABLE log_seals (
      batch INTEGER PRIMARY KEY,
      chain TEXT NOT NULL,
      first_id INTEGER NOT NULL,
      last_id INTEGER NOT NULL,
      rows INTEGER NOT NULL,
      newest INTEGER NOT NULL,
      hash TEXT NOT NULL
    ) STRICT;
    CREATE INDEX log_seals_by_chain ON log_seals (chain, batch);
    CREATE TABLE log_chains (
      chain TEXT PRIMARY KEY,
      unsealed_to INTEGER NOT NULL,
      checkpoint_batch INTEGER NOT NULL DEFAULT 0,
      checkpoint_hash TEXT NOT NULL DEFAULT '',
      checkpoint_rows INTEGER NOT NULL DEFAULT 0,
      checkpoint_seal TEXT NOT NULL DEFAULT '',
      head_batch INTEGER NOT NULL DEFAULT 0,
      head_seal TEXT NOT NULL DEFAULT ''
    ) STRICT;
    INSERT INTO log_chains (chain, unsealed_to)
      SELECT name, (SELECT coalesce(max(id), 0) FROM requests) FROM (SELECT 'tokens' AS name UNION ALL SELECT 'strangers');
    CREATE INDEX requests_by_token ON requests (token, id) WHERE token IS NOT NULL;
    CREATE INDEX requests_by_parent ON requests (parent, id) WHERE parent IS NOT NULL;
    CREATE INDEX requests_by_hash ON requests (token_hash, id) WHERE token_hash IS NOT NULL;
    CREATE INDEX requests_by_connection ON requests (connection, id) WHERE connection IS NOT NULL;
    CREATE INDEX requests_by_method ON requests (method, id);
    CREATE INDEX requests_by_status ON requests (status, id) WHERE status IS NOT NULL;
  `)
}
