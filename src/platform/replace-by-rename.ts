import { renameSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Windows fails a rename onto a file that a virus scanner, an editor or one of our own readers has open. That passes
 * within moments. Other systems never fail for this reason, so EPERM is final there.
 */
const HELD_OPEN = new Set(['EACCES', 'EBUSY', 'EPERM'])
const PAUSES_MS = [5, 10, 20, 50, 100, 200, 400, 800, 1600, 1600]

interface RenameParts {
  platform?: NodeJS.Platform
  rename?: (from: string, to: string) => Promise<void>
  pause?: (ms: number) => Promise<unknown>
}

interface RenameSyncParts {
  platform?: NodeJS.Platform
  rename?: (from: string, to: string) => void
  pause?: (ms: number) => void
}

/** Renames `from` onto `to`. On Windows it retries for about five seconds while another program has `to` open. */
export async function replaceByRename(from: string, to: string, parts: RenameParts = {}): Promise<void> {
  const { platform = process.platform, rename: move = rename, pause = sleep } = parts
  for (const ms of pausesOn(platform)) {
    try {
      return await move(from, to)
    } catch (thrown) {
      if (!isHeldOpen(thrown)) throw thrown
      await pause(ms)
    }
  }
  return move(from, to)
}

/** Like `replaceByRename`, but blocks the thread. For files that are replaced before or after the event loop runs. */
export function replaceByRenameSync(from: string, to: string, parts: RenameSyncParts = {}): void {
  const { platform = process.platform, rename: move = renameSync, pause = block } = parts
  for (const ms of pausesOn(platform)) {
    try {
      return move(from, to)
    } catch (thrown) {
      if (!isHeldOpen(thrown)) throw thrown
      pause(ms)
    }
  }
  return move(from, to)
}

function pausesOn(platform: NodeJS.Platform): readonly number[] {
  return platform === 'win32' ? PAUSES_MS : []
}

function isHeldOpen(thrown: unknown): boolean {
  return HELD_OPEN.has((thrown as NodeJS.ErrnoException).code ?? '')
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
