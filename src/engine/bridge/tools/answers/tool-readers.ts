import type { Principal } from '../../../access/principal.ts'
import { ownerOf } from '../../serve/sessions/session-pool.ts'
import type { Caller } from '../../caller.ts'

/**
 * Tokens whose clients have listed tools. A model knows no tools before that, so a client that calls an upstream's tool
 * without listing is a program written for that tool.
 */
export interface ToolReaders {
  add(principal: Principal): void
  /** Returns whether a model may read the result of this call. */
  mayBeModel(principal: Principal, caller: Pick<Caller, 'transport'>): boolean
}

export function createToolReaders(): ToolReaders {
  const readers = new Set<string>()
  return {
    add(principal) {
      const owner = ownerOf(principal)
      if (readers.has(owner) || principal.signal.aborted) return
      readers.add(owner)
      principal.signal.addEventListener('abort', () => readers.delete(owner), { once: true })
    },
    // Stdio and sign-in with the browser are for people's MCP clients. A client over stdio also doesn't list again when
    // Hallpass restarts.
    mayBeModel: (principal, { transport }) =>
      transport !== 'mcp-http' || principal.kind !== 'access' || readers.has(ownerOf(principal)),
  }
}
