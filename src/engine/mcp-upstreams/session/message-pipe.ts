import type { LightAbort } from '../../interruption.ts'
import type { JsonObject } from '../../text/json.ts'

/**
 * Why a conversation with an upstream failed. `reason` decides what happens next. The message completes "MCP server … "
 * and contains no secret or stack trace. unreachable: no response; crashed: its process ended; refused: it rejects our
 * credentials; needs_sign_in: the owner must sign in; expired: it lost our session; protocol: the data isn't MCP;
 * timeout: no message in time; setup: the configuration can't work.
 */
type FaultReason =
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
  /** True if the message already says what to do. */
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
  /** Ends the exchange of this request, if it has one. */
  signal?: LightAbort
  /** Called when the exchange ended. Without a response so far, the request won't get one. */
  onEnd?: () => void
  headers?: Readonly<Record<string, string>>
}

/** Carries JSON-RPC messages to and from one upstream, for one session. */
export interface MessagePipe {
  /**
   * True if each request has its own exchange (HTTP), whose end cancels a modern request. Otherwise, canceling is a
   * message.
   */
  readonly perRequestStream: boolean
  onMessage: ((message: JsonObject) => void) | null
  /** Called once if the pipe ended unexpectedly. */
  onClosed: ((fault: UpstreamFault) => void) | null
  /** Rejects with UpstreamFault if the message couldn't be sent or was rejected. */
  send(message: JsonObject, options?: SendOptions): Promise<void>
  /** Sets the version in the headers of an HTTP pipe. */
  setProtocolVersion?(version: string): void
  close(): Promise<void>
}
