import { createHash, randomBytes } from 'node:crypto'
import { chmod, chown, lstat, mkdir, open, readFile, realpath, rename, rm, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HallpassError } from '../../contract/errors.ts'

/** A larger file is no configuration; it is not read into memory to find out. */
const LARGEST = 64 * 1024 * 1024

export interface ConfigFile {
  /** The file itself, behind any link. */
  path: string
  /** Null where there is no file. */
  bytes: Buffer | null
}

/** Why a configuration cannot be read, as a sentence for the owner. */
export class UnreadableConfig extends Error {}

/** Reads the file that the client reads, following links as it does. Throws UnreadableConfig. */
export async function readConfig(path: string): Promise<ConfigFile> {
  const target = await targetOf(path)
  if (target === null) return { path, bytes: null }
  const found = await attempt(() => stat(target))
  if (!found.isFile()) throw new UnreadableConfig('It is not a file.')
  if (process.getuid !== undefined && found.uid !== process.getuid())
    throw new UnreadableConfig('It belongs to another user.')
  if (found.size > LARGEST) throw new UnreadableConfig('It is larger than any configuration.')
  return { path: target, bytes: await attempt(() => readFile(target)) }
}

/** Text of the file, and the byte order mark that stood before it. */
export function textOf(bytes: Buffer | null): { text: string; mark: string } {
  if (bytes === null) return { text: '', mark: '' }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.startsWith('\uFEFF') ? { text: text.slice(1), mark: '\uFEFF' } : { text, mark: '' }
  } catch (cause) {
    throw new UnreadableConfig('It is not UTF-8 text.', { cause })
  }
}

/** Names a state of a file, so that a change in between is noticed. */
export function versionOf(bytes: Buffer | null): string {
  return bytes === null ? 'none' : createHash('sha256').update(bytes).digest('hex')
}

/**
 * Puts new content in the place of the old in one step, or takes the file away (null). The file keeps its mode and owner. Refused
 * when the file is no longer what was read.
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
    await attemptWrite(() => rename(beside, file.path))
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

/** A group that this user is not in cannot be given: the file then stays with the user's own. */
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
    `${path} was changed by another program meanwhile, and nothing was written. Look at it again, then repeat.`,
  )
}

async function targetOf(path: string): Promise<string | null> {
  const found = await lstat(path).catch(absent)
  if (found === null) return null
  return realpath(path).catch(() => {
    throw new UnreadableConfig('It is a link that leads nowhere.')
  })
}

function absent(thrown: NodeJS.ErrnoException): null {
  if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return null
  throw new UnreadableConfig(`It cannot be read (${thrown.code ?? 'unknown reason'}).`, { cause: thrown })
}

async function attempt<T>(act: () => Promise<T>): Promise<T> {
  return act().catch((cause: NodeJS.ErrnoException) => {
    throw new UnreadableConfig(`It cannot be read (${cause.code ?? 'unknown reason'}).`, { cause })
  })
}

async function attemptWrite<T>(act: () => Promise<T>): Promise<T> {
  return act().catch((cause: NodeJS.ErrnoException) => {
    throw new HallpassError(
      'INVALID_REQUEST',
      `The client’s configuration cannot be written (${cause.code ?? 'unknown reason'}); it stays as it was.`,
      { cause },
    )
  })
}
