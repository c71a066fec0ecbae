import type { Database } from 'better-sqlite3'
import type { DirectoryReaders, DirectoryWriters } from '../directory.ts'

export function settingReaders(database: Database): Pick<DirectoryReaders, 'setting'> {
  const value = database.prepare<[string], string>('SELECT value FROM settings WHERE key = ?').pluck()
  return { setting: (key) => (value.get(key) as string | undefined) ?? null }
}

export function settingWriters(database: Database): Pick<DirectoryWriters, 'setSetting' | 'setRevokingSetting'> {
  const upsert = database.prepare<[string, string]>(
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  const set = (key: string, value: string): void => void upsert.run(key, value)
  return { setSetting: set, setRevokingSetting: set }
}
