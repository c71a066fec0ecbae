import type { Database } from 'better-sqlite3'
import type { StoreWriters } from '../store.ts'

export function settingWriters(database: Database): Pick<StoreWriters, 'setSetting'> {
  const upsert = database.prepare<[string, string]>(
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  return { setSetting: (key, value) => void upsert.run(key, value) }
}
