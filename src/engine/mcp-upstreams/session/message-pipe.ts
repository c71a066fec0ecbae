import type { JsonObject } from '../../text/json.ts'

/**
 * Why a conversation with an upstream failed. `reason` decides what happens next; the message completes the sentence
 * "MCP server … " and is for people: no secret, no stack.
 * unreachable: no response at all; crashed: its process ended; refused: it rejects our credentials; needs_sign_in: the owner
 * must sign in; expired: it lost our session; protocol: what came isn't MCP; timeout: silence; setup: the configuration can't work.
 */
export type FaultReason =
  | 'unreachable'
  | 'crashed'
  | 'refused'
  | 'needs_sign_in'
  | 'expired'
  | 'protocol'
  | 'timeout'
  | 'setup'

export class UpstreamFault extends Error {
  readonly reason: FaultReason
  /** The JSON-RPC error that came with an HTTP status other than 200. */
  readonly rpcError: { code: number; message: string; data?: unknown } | null
  readonly status: number | null
  /** The message says why and what to do; nothing is appended to it. */
  readonly isExplained: boolean

  constructor(
    reason: FaultReason,
    detail: string,
    more: { rpcError?: UpstreamFault['rpcError']; status?: number; cause?: unknown; isExplained?: boolean } = {},
  ) {
    super(detail, { cause: more.cause })
    this.name = 'UpstreamFault'
    this.reason = reason
    this.rpcError = more.rpcError ?? null
    this.status = more.status ?? null
    this.isExplained = more.isExplained ?? false
  }
}

export interface SendOptions {
  /** Ends the exchange that carries this request, where there is one. */
  signal?: AbortSignal
  /** The exchange ended; a request whose answer did not come will not get one. */
  onEnd?: () => void
  headers?: Readonly<Record<string, string>>
}

/** A way for JSON-RPC messages to and from one upstream, for one session. */
export interface MessagePipe {
  /** Requests have an exchange each (HTTP), whose end cancels a modern request; else cancelling is a message. */
  readonly perRequestStream: boolean
  onMessage: ((message: JsonObject) => void) | null
  /** Once, when it ended without our asking. */
  onClosed: ((fault: UpstreamFault) => void) | null
  /** Rejects with UpstreamFault when the message did not go out or was not taken. */
  send(message: JsonObject, options?: SendOptions): Promise<void>
  /** Tells an HTTP pipe which version its headers carry. */
  setProtocolVersion?(version: string): void
  close(): Promise<void>
}
