import type { Database } from 'better-sqlite3'

/** What a token can use per day, as JSON, and what it has used of `used_day`, which counts days since 1970 in UTC. */
export function addTokenBudgets(database: Database): void {
  database.exec(`
    ALTER TABLE tokens ADD COLUMN budget TEXT;
    ALTER TABLE tokens ADD COLUMN used_day INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tokens ADD COLUMN used_requests INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tokens ADD COLUMN used_records INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tokens ADD COLUMN used_bytes INTEGER NOT NULL DEFAULT 0;
  `)
}
