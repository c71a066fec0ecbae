import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { replaceByRenameSync } from '../../platform/replace-by-rename.ts'
import { invalidRequest } from '../../contract/errors.ts'
import { isBackedUp } from './back-up.ts'
import { prepareFolder, syncFolder } from './data-folder.ts'
import { acquireLock } from './lock.ts'
import { APPLICATION_ID, SCHEMA_VERSION } from './migrations/migrate.ts'

/** A token that could be used when the backup was made. */
export interface RestoredToken {
  project: string
  name: string
  kind: 'access' | 'local' | 'oauth'
}

/**
 * Builds a data folder from a backup. The folder must have no database, and no engine may use it. The next start revokes
 * all tokens, because some may have been revoked since the backup.
 */
export function restoreBackup(file: string, home: string, now: number): { tokens: RestoredToken[] } {
  if (!existsSync(file)) throw invalidRequest('No such file.', 'file')
  prepareFolder(home)
  const lock = acquireLock(home)
  try {
    const target = join(home, 'hallpass.db')
    // SQLite would apply the log that another database left behind.
    if (['', '-wal', '-journal'].some((suffix) => existsSync(`${target}${suffix}`)))
      throw invalidRequest(
        'The data folder already has a database. Move hallpass.db and the files that start with its name away, or set HALLPASS_HOME to an empty folder.',
        'file',
        { reason: 'occupied' },
      )
    const restoring = `${target}.restoring`
    rmSync(restoring, { force: true })
    try {
      copyFileSync(file, restoring)
      const tokens = unpack(restoring, home, now)
      // No counter of a store has this instance, so the copy is recognized as one.
      writeFileSync(join(home, 'store.generation'), `${JSON.stringify({ instance: 'restored', generation: 0 })}\n`, {
        mode: 0o600,
      })
      // Last, because a folder without a database is an empty one.
      replaceByRenameSync(restoring, target)
      syncFolder(home)
      return { tokens }
    } finally {
      for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${restoring}${suffix}`, { force: true })
    }
  } finally {
    lock.release()
  }
}

function unpack(copy: string, home: string, now: number): RestoredToken[] {
  const database = openBackup(copy)
  try {
    const files = database
      .prepare<[], { path: string; content: Buffer }>('SELECT path, content FROM backup_files')
      .all()
    const foreign = files.find(({ path }) => !isBackedUp(path))
    if (foreign !== undefined) throw notABackup()
    for (const { path, content } of files) {
      mkdirSync(dirname(join(home, path)), { recursive: true, mode: 0o700 })
      for (const suffix of ['-wal', '-shm', '-journal']) rmSync(`${join(home, path)}${suffix}`, { force: true })
      writeFileSync(join(home, path), content, { mode: 0o600 })
    }
    const tokens = database
      .prepare<[number], RestoredToken>(
        `SELECT p.name AS project, t.name, t.kind FROM tokens t JOIN projects p ON p.id = t.project_id
         WHERE t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?) ORDER BY p.name, t.name`,
      )
      .all(now)
    moveDocuments(database, join(resolve(home), 'documents', sep))
    database.exec('DROP TABLE backup_files; DROP TABLE backup_source; VACUUM')
    return tokens
  } finally {
    database.close()
  }
}

/** Documents inside the data folder move with it. */
function moveDocuments(database: Database, folder: string): void {
  const before = database.prepare<[], string>('SELECT documents FROM backup_source').pluck().get() as string
  const rows = database.prepare<[], { id: number; config: string }>(
    "SELECT id, config FROM connections WHERE kind = 'sqlite'",
  )
  const update = database.prepare<[string, number]>('UPDATE connections SET config = ? WHERE id = ?')
  for (const { id, config: text } of rows.all()) {
    const config = JSON.parse(text) as { path: string }
    if (config.path.startsWith(before))
      update.run(JSON.stringify({ ...config, path: folder + config.path.slice(before.length) }), id)
  }
}

function openBackup(copy: string): Database {
  let database: Database | undefined
  try {
    database = new SqliteDatabase(copy)
    const isOurs = database.pragma('application_id', { simple: true }) === APPLICATION_ID
    const damage = database.pragma('quick_check', { simple: true })
    const has = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'backup_files'").get() !== undefined
    if (!isOurs || !has || damage !== 'ok') throw notABackup()
    if (Number(database.pragma('user_version', { simple: true })) > SCHEMA_VERSION)
      throw invalidRequest('The backup was made by a newer version of Hallpass. Install that version first.', 'file')
    return database
  } catch (thrown) {
    database?.close()
    if (thrown instanceof SqliteDatabase.SqliteError) throw notABackup(thrown)
    throw thrown
  }
}

function notABackup(cause?: unknown) {
  return invalidRequest("This file isn't a backup of Hallpass, or it is damaged.", 'file', { cause })
}
