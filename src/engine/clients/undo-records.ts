import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { versionOf } from './config-file.ts'

/** Copies of a client's configuration that are kept although nothing can be taken back to them any more. */
const COPIES_KEPT = 5

/** A copy in the client's folder, and the version of what it holds. */
const backupSchema = z.object({ file: z.string().regex(/^[^/\\]+\.bak$/), version: z.string() })
export type Backup = z.infer<typeof backupSchema>

/** How a configuration stood before an entry was put in, and the version of what was written then. Without a backup there was no file. */
const recordSchema = z.object({ path: z.string(), written: z.string(), backup: backupSchema.nullable() })
export type UndoRecord = z.infer<typeof recordSchema>

/** Backups and records in Hallpass's own folder: a copy beside the client's file would be read by some clients. */
export interface UndoRecords {
  /** The record of an entry; null when there is none that can be used. */
  read(client: string, entry: string): Promise<UndoRecord | null>
  /** Content of the record's backup; null when there was no file. Undefined when the backup is gone or damaged. */
  before(client: string, record: UndoRecord): Promise<Buffer | null | undefined>
  /** Keeps a copy of what is about to be replaced; null when there is no file. */
  backUp(client: string, entry: string, bytes: Buffer | null): Promise<Backup | null>
  write(client: string, entry: string, record: UndoRecord): Promise<void>
  /** The entry is gone: so is its record, and where the file is again what it was, the copy too. */
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
    // Cut off or overwritten: without it the entry alone is taken out.
    return null
  }
}

async function existing(path: string): Promise<Buffer | null> {
  return readFile(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return null
    throw thrown
  })
}

/** For this user alone: a client's configuration holds the secrets of its other servers. */
async function keep(path: string, bytes: Buffer): Promise<void> {
  const beside = `${path}.new`
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, path)
}
