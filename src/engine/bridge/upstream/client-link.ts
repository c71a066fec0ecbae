import type { JsonObject } from '../../text/json.ts'

/** The request of a client that an upstream's message belongs to: what asks or tells in its course goes this way. */
export interface Turn {
  /** Puts an upstream's question to the client and answers the raw result. */
  ask(method: string, params: JsonObject | undefined, signal: AbortSignal): Promise<JsonObject>
  /** Tells the client something in the course of its request. */
  tell(method: string, params: JsonObject | undefined): void
}

export interface LinkRequest {
  connection: string
  method: string
  params: JsonObject
  turn: Turn
  signal: AbortSignal
  /** Only where the client asked for progress. */
  onProgress?: (progress: JsonObject) => void
}

/** One client's way to upstreams: sessions that are its own, so that nothing of another client can come through. */
export interface ClientLink {
  request(request: LinkRequest): Promise<JsonObject>
  /** Updates of a resource go to the client from now on, under the URI that it asked with (`shown`). */
  subscribe(connection: string, uri: string, shown: string, signal: AbortSignal): Promise<void>
  unsubscribe(connection: string, uri: string, shown: string, signal?: AbortSignal): Promise<void>
  /** Ends the sessions of connections that the client reaches no more. */
  keepOnly(reaches: (connection: string) => boolean): void
  close(): Promise<void>
}

/** Rank of log levels (RFC 5424), least severe first. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

export function isAtLeast(level: unknown, threshold: string): boolean {
  return LOG_LEVELS.indexOf(String(level)) >= LOG_LEVELS.indexOf(threshold)
}
