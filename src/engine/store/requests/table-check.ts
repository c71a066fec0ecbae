import type { Database } from 'better-sqlite3'

/** Whether the log's table and its indexes are sound, as far as their structure goes. */
export function isSound(database: Database): boolean {
  return database.pragma('quick_check(requests)', { simple: true }) === 'ok'
}
