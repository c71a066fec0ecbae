import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { Clock } from '../clock.ts'
import { backUp } from './back-up.ts'
import { closeToOthers, moveAside, prepareDatabaseFile, prepareFolder, failingWith } from './data-folder.ts'
import type { Directory, DirectoryReaders, DirectoryWriters } from './directory.ts'
import { configurationWriters } from './directory/configuration.ts'
import { createFormerTokens, formerTokenReaders, type FormerTokens } from './directory/former-tokens.ts'
import { connectionReaders, connectionWriters } from './directory/connections.ts'
import { inclusionReaders, inclusionWriters } from './directory/inclusions.ts'
import { mcpCatalogReaders, mcpCatalogWriters } from './directory/mcp-catalogs.ts'
import { projectReaders, projectWriters } from './directory/projects.ts'
import { settingReaders, settingWriters } from './directory/settings.ts'
import { tokenReaders, tokenWriters } from './directory/tokens.ts'
import { openGeneration, type Generation } from './generation.ts'
import { openLogKey, type LogKey } from './log-key.ts'
import { lastUnsealed, sealStarts } from './requests/writing/log-chain.ts'
import { DAMAGED_SETTING, DamagedFile, openDatabase } from './open-database.ts'
import {
  createRequestStore,
  type EmbeddedRequestStore,
  type RequestStoreOptions,
} from './requests/create-request-store.ts'
import { createPayloadStore, type PayloadStore } from './requests/payload-store.ts'
import { reserveSpace, type ReservedSpace } from './reserved-space.ts'
import type { Store } from './store.ts'
import { isFull, sqliteCode, writing } from './write-failure.ts'

interface StoreOptions {
  /** Data folder, created with mode 0700. Acquire its lock (`acquireLock`) first. */
  home: string
  clock: Clock
  /** Maximum size of the database in pages of 4 KiB. Beyond it, writes fail as on a full disk. */
  pageLimit?: number | undefined
  logThread?: RequestStoreOptions['logThread']
}

/** These remove access, so an earlier copy of the database must be recognized as a copy. */
const REVOKING = [
  'deleteProject',
  'deleteConnection',
  'deleteUnusedConnection',
  'exclude',
  'revokeToken',
  'replaceToken',
  'rotateToken',
  'extendToken',
  'updateToken',
  'deleteToken',
  'revokeAllTokens',
  'applyConfiguration',
  'setMcpToolPermission',
  'setRevokingSetting',
] as const satisfies readonly (keyof DirectoryWriters)[]

/** Set while an engine runs. A start that finds it follows a crash. */
const RUNNING_SETTING = 'engine_running'
/** Hashes of the web console's sign-ins. Those of a restored copy may have been signed out since. */
export const SIGN_INS_SETTING = 'console_sign_ins'

/**
 * Opens the store of a data folder. A damaged file is moved aside and a new one created. All tokens of a restored copy
 * are revoked. `notices` reports both. Throws INVALID_REQUEST for a newer, linked or unreachable file, and
 * LOG_UNAVAILABLE if the disk can't be written.
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
    const aside = failingWith(
      "The database is damaged, and Hallpass couldn't move it aside. Check the permissions of the data folder.",
      () => moveAside(file, clock.now()),
    )
    notices.push(
      `The database was damaged, so Hallpass moved it to ${aside} in the data folder and started with an empty one. ` +
        'Create your projects, connections and tokens again.',
    )
    return assemble(file, options, notices)
  }
}

function assemble(file: string, { home, clock, pageLimit, logThread }: StoreOptions, notices: string[]): Store {
  prepareDatabaseFile(file)
  const database = openDatabase(file, pageLimit)
  try {
    const logKey = openLogKey(home)
    const { generation, read, write, requests, payloads, former } = prepareStatements(database, {
      home,
      file,
      logKey,
      clock,
      pageLimit,
      logThread,
    })
    const crashed = read.setting(RUNNING_SETTING) === 'yes'
    // A database that was lost has been replaced by a new one, which the notices say.
    const isUnbound = (): boolean => logKey.origin === null || generation.lost
    failingWith("Couldn't write to the data folder. Check its permissions and free disk space.", () =>
      writing(() =>
        generation.begin(() => {
          if (generation.restored) {
            write.revokeAllTokens(clock.now())
            write.setSetting(SIGN_INS_SETTING, '[]')
          }
          former.prune()
          if (logKey.created && forgetSeals(database)) notices.push(KEY_LOST)
          if (isUnbound()) sealStarts(database, logKey.key)
          write.setSetting(RUNNING_SETTING, 'yes')
        }),
      ),
    )
    if (isUnbound()) logKey.setOrigin(lastUnsealed(database))
    addNotices(generation, notices)
    closeToOthers(file)
    if (crashed) {
      requests.onDamage(() => {
        notices.push(LOG_DAMAGED)
        write.setSetting(DAMAGED_SETTING, 'yes')
      })
    }
    return {
      file,
      notices,
      read,
      write: guarded(write, generation, reserveSpace(home), requests.settle),
      requests,
      payloads,
      // A copy begins anew whenever another connection writes.
      backUp: (path) => requests.alone(() => backUp(database, home, path)),
      close() {
        requests.close()
        try {
          if (database.open) write.setSetting(RUNNING_SETTING, 'no')
        } catch (thrown) {
          // On a full disk the mark stays, and the next start checks the log.
          if (sqliteCode(thrown) === null) throw thrown
        } finally {
          database.close()
        }
      },
    }
  } catch (thrown) {
    database.close()
    throw thrown
  }
}

const KEY_LOST =
  'The key that seals the request log (log.key in the data folder) was missing. Rows from before this start can no longer be verified.'
const LOG_DAMAGED =
  'The request log is damaged. Restart Hallpass to move the damaged database aside and start with an empty one, or restore a backup.'

/**
 * Without its key no seal can be checked, so the rows count as written before sealing existed. Returns whether there
 * were any.
 */
function forgetSeals(database: Database): boolean {
  const had = database.prepare('DELETE FROM log_seals').run().changes > 0
  if (had) {
    database.exec(`UPDATE requests SET seal = NULL WHERE seal IS NOT NULL;
      UPDATE log_chains SET unsealed_to = (SELECT coalesce(max(id), 0) FROM requests), checkpoint_batch = 0, checkpoint_hash = '',
        checkpoint_rows = 0, checkpoint_seal = '', head_batch = 0, head_seal = ''`)
  }
  return had
}

function addNotices(generation: Generation, notices: string[]): void {
  if (generation.restored) {
    notices.push(
      'The database was restored from a backup or copied from elsewhere. All its tokens were revoked, because some ' +
        'may have been revoked since the backup. Create new tokens.',
    )
  }
  if (generation.lost && notices.length === 0)
    notices.push('The database was missing or empty. Hallpass created a new one.')
}

function prepareStatements(
  database: Database,
  { home, file, logKey, clock, ...options }: StoreOptions & { file: string; logKey: LogKey },
): Directory & {
  generation: Generation
  requests: EmbeddedRequestStore
  payloads: PayloadStore
  former: FormerTokens
} {
  try {
    const tokens = tokenReaders(database)
    const { known, ...connections } = connectionReaders(database)
    const read: DirectoryReaders = {
      ...projectReaders(database),
      ...connections,
      ...inclusionReaders(database),
      ...tokens,
      ...formerTokenReaders(database),
      ...settingReaders(database),
      ...mcpCatalogReaders(database),
    }
    const former = createFormerTokens(database, clock.now)
    const writers: Omit<DirectoryWriters, 'applyConfiguration'> = {
      ...projectWriters(database, former),
      ...connectionWriters(database, known),
      ...inclusionWriters(database),
      ...tokenWriters(database, tokens.tokenById, former),
      ...settingWriters(database),
      ...mcpCatalogWriters(database),
    }
    const write: DirectoryWriters = { ...writers, ...configurationWriters(database, read, writers, known) }
    const requests = createRequestStore(database, file, logKey, clock, options)
    const payloads = createPayloadStore(database, requests.settle)
    return { generation: openGeneration(database, home), read, write, requests, payloads, former }
  } catch (thrown) {
    // The version is ours, but a table or column is missing.
    if (sqliteCode(thrown) === 'SQLITE_ERROR') throw new DamagedFile('tables are missing', { cause: thrown })
    throw thrown
  }
}

/** Each write waits for the log's thread first. Two connections that write would fail when both want to. */
function guarded(
  write: DirectoryWriters,
  generation: Generation,
  reserve: ReservedSpace,
  settle: () => void,
): DirectoryWriters {
  const result = Object.fromEntries(
    Object.entries(write).map(([name, work]: [string, (...values: never[]) => unknown]) => {
      const isRevoking = REVOKING.some((revoking) => revoking === name)
      return [
        name,
        (...values: never[]) => {
          settle()
          if (!isRevoking) return writing(() => work(...values))
          return writing(() => reserve.use(isFull, () => generation.shrinking(() => work(...values))))
        },
      ]
    }),
  )
  return result as unknown as DirectoryWriters
}
