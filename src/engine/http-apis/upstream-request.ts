import type { LightAbort } from '../interruption.ts'
import type { Secret } from '../secrets/secret.ts'

/** A request for an HTTP API, after all checks. */
export interface UpstreamRequest {
  method: string
  /** Relative to the base address, encoded. */
  path: string
  /** Query without the question mark. */
  search: string
  /** The caller's headers as they arrived, names and values alternating. */
  rawHeaders: readonly string[]
  body: AsyncIterable<Uint8Array> | Buffer | null
  /** Set if the body's length is known. */
  contentLength: number | null
  requestId: string
  /** Decompresses the response even if there is no secret to mask. */
  decode?: boolean
  /** The base URL as the caller sees it. If set, links in response headers are rewritten to lead through Hallpass. */
  publicUrl?: string
}

export interface UpstreamContext {
  /** Aborted to interrupt the request; its reason is thrown. */
  signal: AbortSignal | LightAbort
  secret(): Promise<Secret>
  /** Requests with the same key share slots. Without one, the request has no share of its own. */
  key?: string
  /** Called when the request no longer waits for others. */
  onSlot?: () => void
}
