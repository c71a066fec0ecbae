import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceByRename } from '../../platform/replace-by-rename.ts'
import type { Clock } from '../clock.ts'
import { versionOf } from './config-file.ts'

/** How many backups are kept that no undo needs. */
const COPIES_KEPT = 5

/** A copy in the client's folder, and the version of its content. */
const backupSchema = z.object({ file: z.string().regex(/^[^/\\]+\.bak$/), version: z.string() })
type Backup = z.infer<typeof backupSchema>

/**
 * The state before an entry was added, and the version of what was written. Without a backup, the file didn't exist.
 */
const recordSchema = z.object({ path: z.string(), written: z.string(), backup: backupSchema.nullable() })
export type UndoRecord = z.infer<typeof recordSchema>

/** Backups and records in Hallpass's folder, because some clients would read a copy next to their file. */
interface UndoRecords {
  /** Returns the record of an entry, or null if there is no usable one. */
  read(client: string, entry: string): Promise<UndoRecord | null>
  /** Returns the content of the record's backup, null if there was no file, or undefined if the backup is missing or damaged. */
  before(client: string, record: UndoRecord): Promise<Buffer | null | undefined>
  /** Stores a copy of what is about to be replaced; null if there is no file. */
  backUp(client: string, entry: string, bytes: Buffer | null): Promise<Backup | null>
  write(client: string, entry: string, record: UndoRecord): Promise<void>
  /** Deletes the record of a removed entry and, if the file was restored, its backup. */
  forget(client: string, entry: string, restored: UndoRecord | null): Promise<void>
}

export function createUndoRecords({ folder, clock }: { folder: string; clock: Clock }): UndoRecords {
  const of = (client: string, file: string): string => join(folder, client, file)

  async function prune(client: string): Promise<void> {
    const files = await readdir(join(folder, client))
    const records = await Promise.all(
      files.filter((file) => file.endsWith('.json')).map((file) => parse(of(client, file))),
    )
    const needed = new Set(records.map((record) => record?.backup?.file))
    const spare = files.filter((file) => file.endsWith('.bak') && !needed.has(file)).toSorted()
    await Promise.all(spare.slice(0, -COPIES_KEPT).map((file) => rm(of(client, file), { force: true })))
  }

  return {
    read: (client, entry) => parse(of(client, `${entry}.json`)),
    async before(client, { backup }) {
      if (backup === null) return null
      const bytes = await existing(of(client, backup.file))
      return bytes !== null && versionOf(bytes) === backup.version ? bytes : undefined
    },
    async backUp(client, entry, bytes) {
      await mkdir(join(folder, client), { recursive: true, mode: 0o700 })
      if (bytes === null) return null
      const at = new Date(clock.now()).toISOString().replaceAll(':', '-')
      const version = versionOf(bytes)
      const file = `${at}-${version.slice(0, 8)}-${entry}.bak`
      await keep(of(client, file), bytes)
      return { file, version }
    },
    async write(client, entry, record) {
      await keep(of(client, `${entry}.json`), Buffer.from(`${JSON.stringify(record, null, 2)}\n`))
      await prune(client)
    },
    async forget(client, entry, restored) {
      await rm(of(client, `${entry}.json`), { force: true })
      const copy = restored?.backup ?? null
      if (copy !== null) await rm(of(client, copy.file), { force: true })
    },
  }
}

async function parse(path: string): Promise<UndoRecord | null> {
  const bytes = await existing(path)
  if (bytes === null) return null
  try {
    const read = recordSchema.safeParse(JSON.parse(bytes.toString('utf8')))
    return read.success ? read.data : null
  } catch {
    // Truncated or overwritten. Without the record, undo only removes the entry.
    return null
  }
}

async function existing(path: string): Promise<Buffer | null> {
  return readFile(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return null
    throw thrown
  })
}

/** Writes for this user only: a client's configuration contains the secrets of its other servers. */
async function keep(path: string, bytes: Buffer): Promise<void> {
  const beside = `${path}.new`
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await replaceByRename(beside, path)
}
