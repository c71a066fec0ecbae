import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import type { Principal } from '../access/principal.ts'
import type { ConnectedClient } from './serve/sessions/session-pool.ts'
import type { ToolCount } from './tools/count-tools.ts'
import type { SurfaceMode } from './tools/surface.ts'

/** The MCP server: over HTTP, behind the HTTP server's checks, and over any pair of streams (stdio). */
export interface Bridge {
  /**
   * Host, Origin, rate limit, credentials and project have been checked, and the body (POST only) has been read and
   * parsed.
   */
  handleHttp(
    request: IncomingMessage,
    response: ServerResponse,
    /** `headers` are part of every response. */
    context: { principal: Principal; requestId: string; body: unknown; headers: Readonly<Record<string, string>> },
  ): Promise<void>
  /** Serves one client until its input ends or the signal aborts. */
  serveStream(
    input: Readable,
    output: Writable,
    context: { project: string; tokenName?: string; signal: AbortSignal },
  ): Promise<void>
  /** Call it when grants or projects changed. Clients are notified of lists that changed. */
  reachChanged(): void
  /** Returns the clients with an open session, over HTTP or stdio. */
  connectedClients(): ConnectedClient[]
  /** Returns the tools that a token's clients list. */
  toolsOf(principal: Principal): readonly { name: string }[]
  /** Counts the tools that a token's clients see in each mode. */
  countTools(principal: Principal, mode: SurfaceMode): ToolCount
  close(): Promise<void>
}
