import type { Principal } from '../../../access/principal.ts'
import { ownerOf } from '../../serve/sessions/session-pool.ts'
import type { Caller } from '../../caller.ts'

/**
 * Tokens whose clients asked which tools there are. A model knows no tool before that, so a client that calls an upstream's tool
 * without it is a program that was written for that tool.
 */
export interface ToolReaders {
  add(principal: Principal): void
  /** Whether the answer to this call may reach a model. */
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
    // Stdio and signing in through the browser are for MCP clients of people. A client over stdio also doesn't list again when
    // Hallpass restarts.
    mayBeModel: (principal, { transport }) =>
      transport !== 'mcp-http' || principal.kind !== 'access' || readers.has(ownerOf(principal)),
  }
}
