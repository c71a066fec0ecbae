import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from './clock.ts'
import type { CallOpener } from './calls/open-call.ts'
import type { OwnerRouter } from './owner/create-owner-router.ts'
import { SIGN_INS_SETTING } from './store/open-store.ts'
import type { Store } from './store/store.ts'
import type { ConsoleEntry } from './owner/owner-parts.ts'

/** Parts that the engine provides to its web console. */
export interface ConsoleParts {
  clock: Clock
  /** Where hashes of sign-ins are stored. */
  signIns: { read(): string | null; write(text: string, isRevoking: boolean): void }
  opener: Pick<CallOpener, 'openRow'>
  /** Returns the engine's base URL. Available once it listens. */
  url(): string
  /** Available once the engine has started. */
  router(): OwnerRouter
}

/** A request under /console with a known path and method and a valid Host and Origin. */
export interface ConsoleExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly requestId: string
  /** User-Agent, sanitized for the log. */
  readonly client: string | null
  /** Sent with every response. */
  readonly headers: Readonly<Record<string, string>>
  /** Reserves a place for the connection of a signed-in browser that strangers can't take. */
  keepPlace(): void
  /** Returns the body as JSON, limited to `maxBytes`. Throws a HallpassError for anything else. */
  readJson(maxBytes: number): Promise<unknown>
  /** Sends a complete response. */
  send(status: number, headers: Record<string, string>, body: string | Buffer): void
}

/** A web console that the HTTP server mounts. A HallpassError thrown by `serve` becomes the response. */
export interface WebConsole extends ConsoleEntry {
  /** Returns its URL, or undefined if it wasn't built. */
  address(): string | undefined
  /** Returns the HTTP methods of a path under /console, or null if it doesn't exist. Doesn't check credentials. */
  methods(path: string): readonly string[] | null
  serve(exchange: ConsoleExchange): Promise<void>
  /** Ends all sessions and their streams. */
  close(): void
}

export function storedSignIns({ read, write }: Pick<Store, 'read' | 'write'>): ConsoleParts['signIns'] {
  return {
    read: () => read.setting(SIGN_INS_SETTING),
    write(text, isRevoking) {
      if (isRevoking) write.setRevokingSetting(SIGN_INS_SETTING, text)
      else write.setSetting(SIGN_INS_SETTING, text)
    },
  }
}

export type CreateConsole = (parts: ConsoleParts) => WebConsole
