import type { Database } from 'better-sqlite3'

/** Tables of the request log whose size grows with it. They are checked after a crash, in the background. */
export const LARGE_TABLES = ['requests', 'request_blocks'] as const

/** Returns whether the structure of the log's tables and their indexes is intact. */
export function isSound(database: Database): boolean {
  return LARGE_TABLES.every((name) => database.pragma(`quick_check(${name})`, { simple: true }) === 'ok')
}
