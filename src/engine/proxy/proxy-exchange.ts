import type { ServerResponse } from 'node:http'
import type { Principal } from '../access/principal.ts'

/** What the proxy needs of one HTTP exchange; the http room makes it, with Host, Origin, rate and token judged already. */
export interface ProxyExchange {
  readonly response: ServerResponse
  readonly requestId: string
  readonly principal: Principal
  readonly client: string | null
  readonly bytesIn: number
  /** Aborted when the caller goes away. */
  readonly gone: AbortSignal
  /** Query, without the question mark. */
  readonly search: string
  /** Headers that go out with whatever answer. */
  readonly headers: Readonly<Record<string, string>>
  /** Longest wait for a reader that stopped reading, in milliseconds. */
  readonly streamIdleMs: number
  /** The body is NDJSON, or the answer shall be. */
  readonly sendsNdjson: boolean
  readonly wantsNdjson: boolean
  readJson(): Promise<unknown>
  /** The body piece by piece, of any length. Throws INVALID_REQUEST when it stalls or is cut short. */
  readPieces(): AsyncIterable<Uint8Array>
  /** A whole JSON answer with status 200. */
  sendText(text: string): void
  /** To be called before the document calls are: from then on they write the log row. */
  handOver(): void
  /** Drains what is left of the body for a bounded time once a streamed answer begins to end. */
  boundUnreadBody(): void
}
