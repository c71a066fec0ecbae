import type { DirectoryWriters } from '../../store/directory.ts'

/** Last-used instants, written in batches: a kill costs the last few seconds of them, nothing else. */
export interface LastUsed {
  touch(tokenId: number, instant: number): void
  /** The instant not yet written, if there is one. */
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
      // Cleared after the write: if that fails, the next flush takes them along.
      write.touchTokens(used)
      used.clear()
    },
  }
}
