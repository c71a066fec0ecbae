import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceByRename } from '../../platform/replace-by-rename.ts'

/** Returns the text of a regular file of at most `limit` bytes, or null if it doesn't exist. */
export async function readWhole(path: string, limit: number): Promise<string | null> {
  let handle
  try {
    handle = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const { size } = await handle.stat()
    if (size > limit) throw new Error(`the file has ${size} bytes, more than ${limit}`)
    // Latin-1 preserves every byte. UTF-8 would turn a changed byte into a replacement character.
    return await handle.readFile('latin1')
  } finally {
    await handle.close()
  }
}

/**
 * Replaces the file atomically and durably, readable by its owner only. After a crash, it has either the old text or
 * the new.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.new`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await replaceByRename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  // Windows can't open a folder to sync it.
  if (process.platform === 'win32') return
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
