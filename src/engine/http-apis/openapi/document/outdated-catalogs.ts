import type { Clock } from '../../../clock.ts'

const FIRST_RETRY_MS = 60_000
const MAX_RETRY_MS = 3_600_000

export interface OutdatedConnection {
  name: string
  /** False if the document was pasted as text, which isn't stored. */
  canReload: boolean
}

/**
 * Reloads the documents of connections whose catalog an earlier version of Hallpass stored, until none is left. Returns a
 * function that stops it.
 */
export function reloadOutdated(parts: {
  clock: Clock
  outdated: () => OutdatedConnection[]
  reload: (name: string, signal: AbortSignal) => Promise<unknown>
}): () => void {
  const stopping = new AbortController()
  let cancel = (): void => undefined

  async function reloadAll(retryMs: number): Promise<void> {
    for (const { name, canReload } of parts.outdated()) {
      if (stopping.signal.aborted) return
      // Its failure stays visible as a notice, because the catalog remains outdated.
      if (canReload) await parts.reload(name, stopping.signal).catch(() => undefined)
    }
    if (stopping.signal.aborted || !parts.outdated().some(({ canReload }) => canReload)) return
    cancel = parts.clock.after(retryMs, () => void reloadAll(Math.min(retryMs * 2, MAX_RETRY_MS)))
  }

  void reloadAll(FIRST_RETRY_MS)
  return () => {
    stopping.abort()
    cancel()
  }
}

/** Returns what the owner must know about connections whose tools are missing for now. */
export function outdatedNotice({ name, canReload }: OutdatedConnection): string {
  return canReload
    ? `HTTP API "${name}" has no tools, because Hallpass couldn't reload its OpenAPI document. Retry: hallpass refresh ${name}`
    : `HTTP API "${name}" has no tools, because an earlier version of Hallpass imported its pasted OpenAPI document. Create the connection again with the document.`
}
