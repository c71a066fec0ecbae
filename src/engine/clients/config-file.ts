import { createHash, randomBytes } from 'node:crypto'
import { chmod, chown, lstat, mkdir, open, readFile, realpath, rm, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { replaceByRename } from '../../platform/replace-by-rename.ts'
import { HallpassError } from '../../contract/errors.ts'

/** A larger file can't be a configuration, so it isn't read into memory. */
const LARGEST = 64 * 1024 * 1024

export interface ConfigFile {
  /** The file itself, with links resolved. */
  path: string
  /** Null if the file doesn't exist. */
  bytes: Buffer | null
}

/** The message is a sentence for the owner that says why a configuration can't be read. */
export class UnreadableConfig extends Error {}

/** Reads the client's file, following links. Throws UnreadableConfig. */
export async function readConfig(path: string): Promise<ConfigFile> {
  const target = await targetOf(path)
  if (target === null) return { path, bytes: null }
  const found = await attempt(() => stat(target))
  if (!found.isFile()) throw new UnreadableConfig("It isn't a regular file.")
  if (process.getuid !== undefined && found.uid !== process.getuid())
    throw new UnreadableConfig('It belongs to another user.')
  if (found.size > LARGEST) throw new UnreadableConfig("It's too large to be a configuration file.")
  return { path: target, bytes: await attempt(() => readFile(target)) }
}

/** Returns the text of the file and the byte order mark before it. */
export function textOf(bytes: Buffer | null): { text: string; mark: string } {
  if (bytes === null) return { text: '', mark: '' }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.startsWith('\uFEFF') ? { text: text.slice(1), mark: '\uFEFF' } : { text, mark: '' }
  } catch (cause) {
    throw new UnreadableConfig("It isn't UTF-8 text.", { cause })
  }
}

/** Returns a hash of the content, to detect changes. */
export function versionOf(bytes: Buffer | null): string {
  return bytes === null ? 'none' : createHash('sha256').update(bytes).digest('hex')
}

/**
 * Replaces the content atomically, or deletes the file if `content` is null. Keeps the file's mode and owner. Throws if
 * the file has changed since it was read.
 */
export async function replaceConfig(file: ConfigFile, content: Buffer | null): Promise<void> {
  if (content === null) {
    await assertUnchanged(file)
    await attemptWrite(() => unlink(file.path))
    return
  }
  const folder = dirname(file.path)
  await attemptWrite(() => mkdir(folder, { recursive: true }))
  const beside = join(folder, `.${basename(file.path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await attemptWrite(() => writeDurably(beside, content))
    if (file.bytes !== null) {
      const { mode, uid, gid } = await attemptWrite(() => stat(file.path))
      await attemptWrite(() => keepOwner(beside, uid, gid))
      await attemptWrite(() => chmod(beside, mode & 0o7777))
    }
    await assertUnchanged(file)
    await attemptWrite(() => replaceByRename(beside, file.path))
  } catch (thrown) {
    await rm(beside, { force: true })
    throw thrown
  }
  await syncFolder(folder)
}

async function writeDurably(path: string, content: Buffer): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A group that this user isn't in can't be set. The file then gets the user's own group. */
async function keepOwner(path: string, uid: number, gid: number): Promise<void> {
  if (process.platform === 'win32') return
  const now = await stat(path)
  if (now.uid === uid && now.gid === gid) return
  await chown(path, uid, gid).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'EPERM') throw thrown
  })
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function assertUnchanged(file: ConfigFile): Promise<void> {
  const now = await readFile(file.path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return null
    throw thrown
  })
  if (versionOf(now) !== versionOf(file.bytes)) throw changedMeanwhile(file.path)
}

export function changedMeanwhile(path: string): HallpassError {
  return new HallpassError(
    'INVALID_REQUEST',
    `${path} has changed since the preview. Nothing was written. Review the new preview, then try again.`,
    { reason: 'config_changed' },
  )
}

async function targetOf(path: string): Promise<string | null> {
  const found = await lstat(path).catch(absent)
  if (found === null) return null
  return realpath(path).catch(() => {
    throw new UnreadableConfig("It's a symbolic link to a missing file.")
  })
}

function absent(thrown: NodeJS.ErrnoException): null {
  if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return null
  throw new UnreadableConfig(`It can't be read (${thrown.code ?? 'unknown reason'}).`, { cause: thrown })
}

async function attempt<T>(run: () => Promise<T>): Promise<T> {
  return run().catch((cause: NodeJS.ErrnoException) => {
    throw new UnreadableConfig(`It can't be read (${cause.code ?? 'unknown reason'}).`, { cause })
  })
}

async function attemptWrite<T>(run: () => Promise<T>): Promise<T> {
  return run().catch((cause: NodeJS.ErrnoException) => {
    throw new HallpassError(
      'INVALID_REQUEST',
      `Couldn't write the client's configuration (${cause.code ?? 'unknown reason'}). Nothing was changed.`,
      { cause },
    )
  })
}
