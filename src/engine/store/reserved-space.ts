import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const RESERVE_FILE = 'store.reserve'
const CHUNK = Buffer.alloc(64 * 1024, 0x2e)
/** Enough for a few hundred revocations, which take a few pages each. */
const CHUNKS = 16

export interface ReservedSpace {
  /**
   * Runs a write that must not fail because of a full disk. If it does, frees the reserve, tries again, and restores
   * the reserve afterward.
   */
  use<T>(isFull: (thrown: unknown) => boolean, work: () => T): T
}

/**
 * Reserves disk space for writes that remove access, so that a disk filled by another program can't keep the owner from
 * revoking a token. The file contains bytes, because an empty file reserves nothing.
 */
export function reserveSpace(home: string): ReservedSpace {
  const file = join(home, RESERVE_FILE)

  /** Reserves as much as possible, up to the full size. */
  function take(): void {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    if (size >= CHUNKS * CHUNK.length) return
    try {
      const descriptor = openSync(file, 'a', 0o600)
      try {
        for (let chunk = Math.floor(size / CHUNK.length); chunk < CHUNKS; chunk += 1) writeSync(descriptor, CHUNK)
        fsyncSync(descriptor)
      } finally {
        closeSync(descriptor)
      }
    } catch {
      // On a full disk there is nothing to reserve. Tried again at the next start and after the next use.
    }
  }
  take()

  return {
    use(isFull, work) {
      try {
        return work()
      } catch (thrown) {
        if (!isFull(thrown)) throw thrown
        rmSync(file, { force: true })
        try {
          return work()
        } finally {
          take()
        }
      }
    },
  }
}
