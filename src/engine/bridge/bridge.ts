import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import type { Principal } from '../access/principal.ts'

/** The bridge's door: MCP over HTTP (behind the http room's front door) and over any duplex pair (stdio). */
export interface Bridge {
  /** The front door has checked Host, Origin, rate, credentials and project, and read and parsed the body (POST only). */
  handleHttp(
    request: IncomingMessage,
    response: ServerResponse,
    context: { principal: Principal; requestId: string; body: unknown },
  ): Promise<void>
  /** Serves one client until its input ends or the signal aborts. */
  serveStream(
    input: Readable,
    output: Writable,
    context: { project: string; tokenName?: string; signal: AbortSignal },
  ): Promise<void>
  /** What tokens reach, or what a project shows, may have changed: clients are told of lists that did. */
  reachChanged(): void
  close(): Promise<void>
}
