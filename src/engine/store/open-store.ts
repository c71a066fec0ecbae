import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { Clock } from '../clock.ts'
import { closeToOthers, moveAside, prepareDatabaseFile, prepareFolder, refusing } from './data-folder.ts'
import { openGeneration } from './generation.ts'
import type { Generation } from './generation.ts'
import { DamagedFile, openDatabase } from './open-database.ts'
import { connectionReaders } from './readers/connections.ts'
import { inclusionReaders } from './readers/inclusions.ts'
import { mcpCatalogReaders } from './readers/mcp-catalogs.ts'
import { projectReaders } from './readers/projects.ts'
import { requestCountReaders } from './readers/request-counts.ts'
import { requestReaders } from './readers/requests.ts'
import { settingReaders } from './readers/settings.ts'
import { tokenReaders } from './readers/tokens.ts'
import type { Store, StoreReaders, StoreWriters } from './store.ts'
import { createRowCount } from './row-count.ts'
import { sqliteCode, writing } from './write-failure.ts'
import { connectionWriters } from './writers/connections.ts'
import { inclusionWriters } from './writers/inclusions.ts'
import { mcpCatalogWriters } from './writers/mcp-catalogs.ts'
import { projectWriters } from './writers/projects.ts'
import { requestCountWriters } from './writers/request-counts.ts'
import { requestWriters } from './writers/requests.ts'
import { settingWriters } from './writers/settings.ts'
import { tokenWriters } from './writers/tokens.ts'

export interface StoreOptions {
  /** Data folder; made with mode 0700. Hold its lock (`acquireLock`) first. */
  home: string
  clock: Clock
  /** The database never grows beyond this many pages of 4 KiB; writes then fail as on a full disk. */
  pageLimit?: number
}

/** These take rights away: a copy of the database from before one of them must be known as a copy. */
const SHRINKING = [
  'deleteProject',
  'deleteConnection',
  'exclude',
  'revokeToken',
  'setTokenSecret',
  'setTokenExpiry',
  'deleteToken',
  'revokeAllTokens',
  'setMcpToolPermission',
] as const

/**
 * Opens the store of a data folder. A damaged file is set aside and a fresh one made; a copy put back gets all its tokens
 * revoked: `notices` tells both. Throws HallpassError INVALID_REQUEST for a newer, linked or unreachable file, and
 * LOG_UNAVAILABLE when the disk takes no writes.
 */
export function openStore(options: StoreOptions): Store {
  const { home, clock } = options
  prepareFolder(home)
  const file = join(home, 'hallpass.db')
  const notices: string[] = []
  try {
    return assemble(file, options, notices)
  } catch (thrown) {
    if (!(thrown instanceof DamagedFile)) throw thrown
    const aside = refusing(
      'The database is damaged and cannot be moved aside. Check the permissions of the data folder.',
      () => moveAside(file, clock.now()),
    )
    notices.push(
      `The database was damaged (or not one of Hallpass). It was kept as ${aside} in the data folder, and an empty one was made: ` +
        'no project, connection or token lives on. Set them up again, or apply an export.',
    )
    return assemble(file, options, notices)
  }
}

function assemble(file: string, { home, clock, pageLimit }: StoreOptions, notices: string[]): Store {
  prepareDatabaseFile(file)
  const database = openDatabase(file, pageLimit)
  try {
    const { generation, read, write } = prepareStatements(database, home)
    refusing('The data folder cannot be written. Check its permissions and free space.', () =>
      writing(() =>
        generation.begin(() => {
          if (generation.restored) write.revokeAllTokens(clock.now())
        }),
      ),
    )
    tell(generation, notices)
    closeToOthers(file)
    return { file, notices, read, write: guarded(write, generation), close: () => void database.close() }
  } catch (thrown) {
    database.close()
    throw thrown
  }
}

function tell(generation: Generation, notices: string[]): void {
  if (generation.restored) {
    notices.push(
      'The database is a copy put back from elsewhere or from an earlier day. Every token in it was revoked, ' +
        'since some may have been revoked or deleted after the copy was made. Create new ones.',
    )
  }
  if (generation.lost && notices.length === 0)
    notices.push('The database was missing or empty although one was used here before. A new one was made.')
}

function prepareStatements(
  database: Database,
  home: string,
): { generation: Generation; read: StoreReaders; write: StoreWriters } {
  try {
    const tokens = tokenReaders(database)
    const rowCount = createRowCount(database)
    const read: StoreReaders = {
      ...projectReaders(database),
      ...connectionReaders(database),
      ...inclusionReaders(database),
      ...tokens,
      ...settingReaders(database),
      ...mcpCatalogReaders(database),
      ...requestReaders(database, rowCount.current),
      ...requestCountReaders(database),
    }
    const write: StoreWriters = {
      ...projectWriters(database),
      ...connectionWriters(database),
      ...inclusionWriters(database),
      ...tokenWriters(database, tokens.tokenById),
      ...settingWriters(database),
      ...mcpCatalogWriters(database),
      ...requestWriters(database, rowCount),
      ...requestCountWriters(database),
    }
    return { generation: openGeneration(database, home), read, write }
  } catch (thrown) {
    // The version is ours but a table or column is not there.
    if (sqliteCode(thrown) === 'SQLITE_ERROR') throw new DamagedFile('tables are missing', { cause: thrown })
    throw thrown
  }
}

function guarded(write: StoreWriters, generation: Generation): StoreWriters {
  const result = Object.fromEntries(
    Object.entries(write).map(([name, work]: [string, (...values: never[]) => unknown]) => [
      name,
      SHRINKING.some((shrinking) => shrinking === name)
        ? (...values: never[]) => writing(() => generation.shrinking(() => work(...values)))
        : (...values: never[]) => writing(() => work(...values)),
    ]),
  )
  return result as unknown as StoreWriters
}
