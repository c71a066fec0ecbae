import type { Database } from 'better-sqlite3'

/** Returns whether the structure of the log's table and its indexes is intact. */
export function isSound(database: Database): boolean {
  return database.pragma('quick_check(requests)', { simple: true }) === 'ok'
}
