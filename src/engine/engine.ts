import type { Duplex, Readable, Writable } from 'node:stream'
import type { OwnerRouter } from './owner/create-owner-router.ts'
import type { SAMPLE } from './sample/make-sample.ts'

export interface StartedEngine {
  /** Base address, e.g. `http://127.0.0.1:7717`. */
  url: string
  sample: typeof SAMPLE | null
  /** What the owner should read: a damaged file that was moved aside, say. */
  notices: string[]
  /** Where new secrets go, or why they cannot be kept. */
  secretStore: string
}

export interface Engine {
  readonly ownerRouter: OwnerRouter
  /** MCP over any pair of streams, for stdio clients; ends with the input or the signal. */
  serveStream(
    input: Readable | Duplex,
    output: Writable | Duplex,
    context: { project: string; tokenName?: string; signal: AbortSignal },
  ): Promise<void>
  /** Writes the log's pending rows before returning, for a system that ends this process without waiting. */
  flushLog(): void
  /** Resolves when the owner asked over the owner API that the engine stop. */
  readonly stopRequested: Promise<void>
  /** Rejects new requests, gives running ones some seconds to finish, writes the log and closes the store. */
  stop(): Promise<void>
}
