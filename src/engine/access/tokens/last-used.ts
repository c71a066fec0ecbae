import type { DirectoryWriters } from '../../store/directory.ts'

/** Last-used timestamps, written in batches. Killing the process loses only the last few seconds of them. */
export interface LastUsed {
  touch(tokenId: number, instant: number): void
  /** Returns the timestamp that isn't written yet, if any. */
  pending(tokenId: number): number | null
  forget(tokenId: number): void
  flush(): void
}

export function createLastUsed(write: DirectoryWriters): LastUsed {
  const used = new Map<number, number>()
  return {
    touch: (tokenId, instant) => void used.set(tokenId, instant),
    pending: (tokenId) => used.get(tokenId) ?? null,
    forget: (tokenId) => void used.delete(tokenId),
    flush() {
      if (used.size === 0) return
      // Cleared after the write, so that a failed write is repeated at the next flush.
      write.touchTokens(used)
      used.clear()
    },
  }
}
