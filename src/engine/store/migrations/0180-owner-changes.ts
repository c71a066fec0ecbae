import type { Database } from 'better-sqlite3'

/** What an action of the owner changed: the changed fields before and after it, as JSON. */
export function addOwnerChanges(database: Database): void {
  database.exec('ALTER TABLE requests ADD COLUMN change TEXT')
}
