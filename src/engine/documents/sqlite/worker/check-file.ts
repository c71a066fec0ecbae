import type { Database } from 'better-sqlite3'
import { quoteName } from '../../sql-tokens.ts'

/** Returns "ok", or what is damaged. Tables that need an extension of another program can't be checked. */
export function checkFile(db: Database): string {
  const check = (table?: string): string =>
    String(db.pragma(`quick_check(${table === undefined ? 1 : quoteName(table)})`, { simple: true }))
  try {
    return check()
  } catch (error) {
    if (!isExtensionMissing(error)) throw error
  }
  const tables = db.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'").pluck().all() as string[]
  for (const table of tables) {
    try {
      const verdict = check(table)
      if (verdict !== 'ok') return verdict
    } catch (error) {
      if (!isExtensionMissing(error)) throw error
    }
  }
  return 'ok'
}

/** SQLite's general error code. Damage has another one. */
function isExtensionMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_ERROR')
}
