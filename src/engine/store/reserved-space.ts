import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const RESERVE_FILE = 'store.reserve'
const CHUNK = Buffer.alloc(64 * 1024, 0x2e)
/** Enough for some hundred revocations, each of which takes a few pages. */
const CHUNKS = 16

export interface ReservedSpace {
  /** Runs a write that must not fail for want of space: if it does, the reserve is given up for it, and taken again after it. */
  use<T>(isFull: (thrown: unknown) => boolean, work: () => T): T
}

/**
 * Holds space on the disk for writes that take rights away. A disk that something else has filled must not keep the owner from revoking a
 * token for good. Filled with bytes, because a file of nothing takes no space.
 */
export function reserveSpace(home: string): ReservedSpace {
  const file = join(home, RESERVE_FILE)

  /** Takes as much as there is, up to the whole reserve. */
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
      // A full disk has no reserve to give. It is tried again at the next start and after the next use.
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
