import { statSync } from 'node:fs'
import type { Clock } from '../clock.ts'

/** How long the state of a file is cached. A change is noticed after this time at the latest. */
const LOOK_EVERY_MS = 20

/** Maximum number of cached files. Others are checked each time. */
const MAX_FILES = 1000

/**
 * Identifies the state of a file by device, inode, size, times and mode. Null if the file doesn't exist. Replacing or
 * writing the file, or changing its owner or mode, changes the stamp.
 */
export interface FileStamps {
  of(path: string): string | null
  /** Reads the file's state now, bypassing the cache. */
  fresh(path: string): string | null
}

export function createFileStamps(clock: Clock): FileStamps {
  const looks = new Map<string, { at: number; stamp: string | null }>()

  function fresh(path: string): string | null {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false })
    const stamp =
      found === undefined
        ? null
        : `${found.dev}/${found.ino}/${found.size}/${found.mtimeNs}/${found.ctimeNs}/${found.mode}/${found.uid}`
    if (looks.size >= MAX_FILES) looks.clear()
    looks.set(path, { at: clock.monotonic(), stamp })
    return stamp
  }

  return {
    of(path) {
      const look = looks.get(path)
      return look !== undefined && clock.monotonic() - look.at < LOOK_EVERY_MS ? look.stamp : fresh(path)
    },
    fresh,
  }
}
