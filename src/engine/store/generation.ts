import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { replaceByRenameSync } from '../../platform/replace-by-rename.ts'
import { syncFolder } from './data-folder.ts'

/** Stored next to the database with its generation. A restored copy is behind, or was never seen here. */
const COUNTER_FILE = 'store.generation'

interface Identity {
  instance: string
  generation: number
  marker: string
}

export interface Generation {
  /** The database is empty although one was used here before. */
  readonly lost: boolean
  /** The database is a copy, so tokens revoked since may look active in it. */
  readonly restored: boolean
  /** Counts one opening together with `work` in one transaction. Throws if that can't be written. */
  begin(work: () => void): void
  /** Runs a write that removes access and counts it, so that an earlier copy is recognized as one. */
  shrinking<T>(work: () => T): T
}

export function openGeneration(
  database: Database,
  home: string,
  platform: NodeJS.Platform = process.platform,
): Generation {
  const file = join(home, COUNTER_FILE)
  const counted = readCounter(file)
  const stored = database.prepare<[], Identity>('SELECT instance, generation, marker FROM store_identity').get()
  const restored = stored !== undefined && isCopy(stored, counted, platform)
  const save = database.prepare(
    `INSERT INTO store_identity (only_row, instance, generation, marker, highest_request_id) VALUES (1, ?, ?, ?, 0)
     ON CONFLICT (only_row) DO UPDATE SET instance = excluded.instance, generation = excluded.generation, marker = excluded.marker`,
  )
  const instance = stored === undefined || restored ? randomBytes(16).toString('hex') : stored.instance
  let generation = Math.max(stored?.generation ?? 0, counted?.generation ?? 0)

  function commit<T>(next: Identity | null, work: () => T): T {
    const result = database.transaction(() => {
      if (next !== null) save.run(next.instance, next.generation, next.marker)
      return work()
    })()
    if (next !== null) generation = next.generation
    return result
  }

  /**
   * Some file systems assign a new inode number when a file is renamed, so the database records the current one
   * afterward.
   */
  function publish(next: Identity): void {
    publishCounter(file, home)
    const marker = readCounter(file)?.marker
    if (marker !== undefined && !sameFile(marker, next.marker, platform))
      save.run(next.instance, next.generation, marker)
  }

  return {
    lost: stored === undefined && counted !== null,
    restored,
    begin(work) {
      const next = prepareCounter(file, instance, generation + 1)
      commit(next, work)
      publish(next)
    },
    shrinking(work) {
      // A revocation must succeed even if the counter can't be written. Then only this step isn't counted.
      const next = attempt(() => prepareCounter(file, instance, generation + 1))
      const result = commit(next, work)
      if (next !== null) attempt(() => publish(next))
      return result
    },
  }
}

/**
 * The database commits before the counter is replaced, so that a crash in between leaves the database ahead, never
 * behind. Equal numbers count only with the exact counter file that the database recorded, because a copied folder has
 * a different one.
 */
function isCopy(stored: Identity, counted: Identity | null, platform: NodeJS.Platform): boolean {
  if (counted === null) return stored.generation > 1
  if (counted.instance !== stored.instance || counted.generation > stored.generation) return true
  return counted.generation === stored.generation && !sameFile(counted.marker, stored.marker, platform)
}

/**
 * On Linux, a copy never has the creation time of its original, because programs can't set it. Inode numbers are reused
 * there, and some network and container file systems change them at each start. On Windows and macOS it is the reverse:
 * programs that copy or restore set the creation time, but NTFS and APFS never reuse a number. Other times prove
 * nothing, because copies have them too, and Windows may write them when the file is closed. If Linux has no creation
 * time, the number decides.
 */
function sameFile(one: string, other: string, platform: NodeJS.Platform): boolean {
  const [inode, born] = one.split('/').slice(-2)
  const [otherInode, otherBorn] = other.split('/').slice(-2)
  return platform === 'linux' && (born !== '0' || otherBorn !== '0') ? born === otherBorn : inode === otherInode
}

function markerOf(descriptor: number): string {
  const { ino, birthtimeNs } = fstatSync(descriptor, { bigint: true })
  return `${ino}/${birthtimeNs}`
}

function readCounter(file: string): Identity | null {
  const descriptor = attempt(() => openSync(file, 'r'))
  if (descriptor === null) return null
  try {
    const value: unknown = JSON.parse(readFileSync(descriptor, 'utf8'))
    if (typeof value !== 'object' || value === null || !('instance' in value) || !('generation' in value)) return null
    const { instance, generation } = value
    if (typeof instance !== 'string' || !Number.isSafeInteger(generation)) return null
    return { instance, generation: generation as number, marker: markerOf(descriptor) }
  } catch {
    // An unreadable counter proves nothing, so it is treated as missing.
    return null
  } finally {
    closeSync(descriptor)
  }
}

function prepareCounter(file: string, instance: string, generation: number): Identity {
  const descriptor = openSync(`${file}.next`, 'w', 0o600)
  try {
    writeSync(descriptor, `${JSON.stringify({ instance, generation })}\n`)
    fsyncSync(descriptor)
    return { instance, generation, marker: markerOf(descriptor) }
  } finally {
    closeSync(descriptor)
  }
}

function publishCounter(file: string, home: string): void {
  replaceByRenameSync(`${file}.next`, file)
  syncFolder(home)
}

function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}
