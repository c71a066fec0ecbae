import type { Database } from 'better-sqlite3'

/** The secret before the last rotation, while it still works, and until when that is. */
export function addSecretOverlap(database: Database): void {
  database.exec(`
    ALTER TABLE tokens ADD COLUMN former_hash TEXT;
    ALTER TABLE tokens ADD COLUMN former_until INTEGER;
    CREATE INDEX tokens_by_former_hash ON tokens (former_hash) WHERE former_hash IS NOT NULL;
  `)
}
