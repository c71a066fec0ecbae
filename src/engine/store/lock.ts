import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { replaceByRenameSync } from '../../platform/replace-by-rename.ts'
import { HallpassError } from '../../contract/errors.ts'
import { prepareDatabaseFile, prepareFolder, failingWith } from './data-folder.ts'
import { sqliteCode } from './write-failure.ts'

interface EngineLock {
  release(): void
}

interface Holder {
  pid: number
  started: string | null
}

/**
 * Makes this process the only engine of a data folder until `release` or its end. Throws INVALID_REQUEST that names the
 * process which holds the lock.
 *
 * There are two locks: an operating system lock on `engine.lock.guard`, which ends with the process and makes replacing
 * a dead holder atomic; and `engine.lock`, which names the holder by pid and start time, for file systems whose locks
 * don't work.
 */
export function acquireLock(home: string): EngineLock {
  prepareFolder(home)
  const file = join(home, 'engine.lock')
  const guard = openGuard(join(home, 'engine.lock.guard'))
  try {
    hold(guard, file)
    const holder = readHolder(file)
    if (holder !== null && isAlive(holder)) throw heldBy(holder)
    failingWith("Couldn't write the lock file. Check the permissions of the data folder.", () => writeHolder(file))
  } catch (thrown) {
    guard.close()
    throw thrown
  }
  let held = true
  return {
    release() {
      if (!held) return
      held = false
      // The name is removed before the guard, so that the next holder doesn't find ours.
      rmSync(file, { force: true })
      guard.close()
    },
  }
}

function openGuard(file: string): Database {
  prepareDatabaseFile(file)
  return failingWith(
    "Couldn't open the lock file. Check the permissions of the data folder.",
    () => new SqliteDatabase(file, { timeout: 0 }),
  )
}

function hold(guard: Database, file: string): void {
  try {
    // The journal is in memory, because nothing is ever written to the guard and a kill must leave no journal behind.
    guard.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (thrown) {
    if (sqliteCode(thrown)?.startsWith('SQLITE_BUSY') === true) throw heldBy(readHolder(file))
    throw new HallpassError(
      'INVALID_REQUEST',
      "The data folder's file system doesn't support locks. Set HALLPASS_HOME to a folder on a local disk.",
      {
        cause: thrown,
      },
    )
  }
}

function heldBy(holder: Holder | null): HallpassError {
  const who = holder === null ? 'another process, which has just started' : `process ${holder.pid}`
  return new HallpassError(
    'INVALID_REQUEST',
    `Hallpass is already running with this data folder (${who}). Use it, or stop it first.`,
    { reason: 'already_running' },
  )
}

function writeHolder(file: string): void {
  const holder: Holder = { pid: process.pid, started: startOf(process.pid) }
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, JSON.stringify(holder), { mode: 0o600 })
  replaceByRenameSync(fresh, file)
}

/** Returns null if there is no file or it doesn't name a process. Then only the guard counts. */
function readHolder(file: string): Holder | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value !== 'object' || value === null || !('pid' in value) || !Number.isSafeInteger(value.pid))
      return null
    return {
      pid: value.pid as number,
      started: 'started' in value && typeof value.started === 'string' ? value.started : null,
    }
  } catch {
    return null
  }
}

/** If start times are available, a reused process ID isn't mistaken for the holder. Otherwise the guard decides. */
function isAlive(holder: Holder): boolean {
  return holder.started !== null && startOf(holder.pid) === holder.started
}

/** Returns boot and start time of a living process on Linux, otherwise null. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and can contain anything. State is field 3, start time field
    // 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return null
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`
  } catch {
    return null
  }
}
