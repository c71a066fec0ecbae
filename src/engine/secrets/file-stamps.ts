import { statSync } from 'node:fs'
import type { Clock } from '../clock.ts'

/** How long a look at a file counts: a change is seen this much later at most. */
const LOOK_EVERY_MS = 20

/** Kept looks at most; more files than that are looked at each time. */
const MAX_FILES = 1000

/**
 * Returns what tells one state of a file from another: device, inode, size, times and mode. Null if there is no file. Anything
 * that replaces or writes the file, or changes its owner or mode, changes the stamp.
 */
export interface FileStamps {
  of(path: string): string | null
  /** Looks now, however short ago the last look was. */
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
