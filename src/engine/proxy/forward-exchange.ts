import type { ServerResponse } from 'node:http'
import type { Principal } from '../access/principal.ts'

/** What forwarding needs of one HTTP exchange; the http room makes it, with Host, Origin, rate and token judged already. */
export interface ForwardExchange {
  readonly response: ServerResponse
  readonly requestId: string
  readonly principal: Principal
  readonly client: string | null
  readonly bytesIn: number
  /** Aborted when the caller goes away. */
  readonly gone: AbortSignal
  /** Headers that go out with whatever answer. */
  readonly headers: Readonly<Record<string, string>>
  readonly connection: string
  readonly method: string
  /** Below the connection, absolute in form, as it was sent. */
  readonly path: string
  /** Query, without the question mark. */
  readonly search: string
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[]
  /** Value of the Upgrade header, lower case. */
  readonly upgrade: string | null
  /** Null when the request has none. */
  readonly body: AsyncIterable<Uint8Array> | null
  /** Null when the body has no declared length. */
  readonly contentLength: number | null
  /** Longest wait for a reader that stopped reading, in milliseconds. */
  readonly streamIdleMs: number
  /** To be called before the request goes on: from then on the log row is written there. */
  handOver(): void
  /** Drains what is left of the body for a bounded time once the answer begins. */
  boundUnreadBody(): void
}
