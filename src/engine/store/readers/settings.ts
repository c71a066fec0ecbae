import type { Database } from 'better-sqlite3'
import type { StoreReaders } from '../store.ts'

export function settingReaders(database: Database): Pick<StoreReaders, 'setting'> {
  const value = database.prepare<[string], string>('SELECT value FROM settings WHERE key = ?').pluck()
  return { setting: (key) => (value.get(key) as string | undefined) ?? null }
}
