import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from './clock.ts'
import type { CallOpener } from './calls/open-call.ts'
import type { OwnerRouter } from './owner/create-owner-router.ts'
import type { ConsoleEntry } from './owner/owner-parts.ts'

/** What the engine gives to the web console that it is started with. */
export interface ConsoleParts {
  clock: Clock
  opener: Pick<CallOpener, 'openRow'>
  /** Base address of the engine, once it listens. */
  url(): string
  /** Once the engine has started. */
  router(): OwnerRouter
}

/** One request under /console whose path and method are known, and whose Host and Origin were found to be ours. */
export interface ConsoleExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly requestId: string
  /** User-Agent, fit for the log. */
  readonly client: string | null
  /** Go out with whatever answer. */
  readonly headers: Readonly<Record<string, string>>
  /** The body as JSON of at most `maxBytes`; HallpassError when it is something else. */
  readJson(maxBytes: number): Promise<unknown>
  /** Sends a whole answer. */
  send(status: number, headers: Record<string, string>, body: string | Buffer): void
}

/** A web console as the HTTP server mounts it. A HallpassError that `serve` throws becomes the answer. */
export interface ConsoleFace extends ConsoleEntry {
  /** Where a browser finds it; undefined when it was not built. */
  address(): string | undefined
  /** HTTP methods of a path under /console; null where there is nothing. Looks at no credentials. */
  methods(path: string): readonly string[] | null
  serve(exchange: ConsoleExchange): Promise<void>
  /** Ends every session and what is streamed to it. */
  close(): void
}

export type CreateConsole = (parts: ConsoleParts) => ConsoleFace
