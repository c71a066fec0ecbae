import type { Duplex, Readable, Writable } from 'node:stream'
import type { OwnerRouter } from './owner/create-owner-router.ts'
import type { SAMPLE } from './sample/make-sample.ts'

export interface StartedEngine {
  /** Base URL, such as `http://127.0.0.1:7717`. */
  url: string
  sample: typeof SAMPLE | null
  /** Notices for the owner, for example that a damaged file was moved aside. */
  notices: string[]
  /** Where new secrets are stored, or why they can't be. */
  secretStore: string
}

export interface Engine {
  readonly ownerRouter: OwnerRouter
  /** Serves MCP over a pair of streams, for stdio clients. Ends with the input or the signal. */
  serveStream(
    input: Readable | Duplex,
    output: Writable | Duplex,
    context: { project: string; tokenName?: string; signal: AbortSignal },
  ): Promise<void>
  /** Writes the log's pending rows before returning, for a system that ends this process without waiting. */
  flushLog(): void
  /**
   * Returns what currently prevents requests from being served, as sentences. Checks the secret store, which can take
   * some seconds.
   */
  findProblems(): Promise<string[]>
  /** Resolves when the owner stops the engine through the owner API. */
  readonly stopRequested: Promise<void>
  /** Rejects new requests, gives running ones some seconds to finish, writes the log and closes the store. */
  stop(): Promise<void>
}
