import type { Permission } from '../../contract/grants.ts'
import type { JsonObject } from '../text/json.ts'

/**
 * The door of the mcp kind, for the bridge and the owner API.
 *
 * A session is a raw pipe of JSON-RPC values, not a typed client: `request(method, params)` gives the result object just as the
 * upstream sent it, unknown fields and `_meta` included, and an upstream's JSON-RPC error is thrown as `McpUpstreamError` with its
 * own code, message and data. So a pass-through answers what the upstream answers, in every era, also for methods that
 * neither side of ours knows. Only what belongs to one hop is the session's own: ids, progress tokens, the era's envelope, cancelling.
 *
 * Eras. `legacy` (2025-11-25 and older): the upstream has a session and asks the client by requests of its own → `ClientFacing.request`.
 * `modern` (2026-07-28): no session; a result may be `resultType: "input_required"`. The session hides the upstream's era where it can:
 * - `resources/subscribe`, `resources/unsubscribe`, `logging/setLevel` and `ping` work on modern upstreams too (a listen stream,
 *   the log level in each request's `_meta`, answered here);
 * - `server/discover` and `subscriptions/listen` are the bridge's own business towards its client; they are not sent on.
 * - `inputRequired: 'fulfil'` (the default, for legacy clients) asks `ClientFacing.request` for each input and sends the call again until
 *   it is complete; `'return'` (for modern clients) hands the `input_required` result out as it is, `requestState` untouched.
 *   A legacy upstream asking in the middle of a modern client's call comes to `ClientFacing.request` with that call's `during`;
 *   turning it into an `input_required` result, and holding the answer, is the bridge's part.
 *
 * One session a client, nothing shared. Opening is free: the process or the upstream's session starts with the first request, and again
 * by itself after a crash or an expired session. Clients without sessions (modern) lease: a kept session of the same
 * token, used by one request at a time, so that what a legacy upstream asks has exactly one asker.
 */
export interface McpUpstreams {
  /** At once, from memory or disk; never waits for the upstream. Starts a bounded refresh in the background when it is due. */
  catalog(connection: string): McpCatalog
  /** Waits for the running or due refresh, at most until the signal; then what `catalog` answers. For a first list, `test`, `check`. */
  refreshed(connection: string, signal: AbortSignal): Promise<McpCatalog>
  /** Called with the connection's name after its catalog or its trust changed. Answers how to stop listening. */
  onChange(listener: (connection: string) => void): () => void
  /** May this tool be called, and with which permission? `null`: no such tool in the catalog. */
  judge(connection: string, tool: string): { permission: Permission; refused: string | null } | null
  openSession(connection: string, client: ClientFacing): McpSession
}

export type McpEra = 'legacy' | 'modern'

export interface McpTool {
  name: string
  /** The tool as the upstream declares it, but for hidden characters, which are made visible. */
  definition: JsonObject
  /** `read` where it declares itself read-only, else `write`, or what the owner set. */
  permission: Permission
}

export interface McpCatalog {
  connection: string
  /** absent: never listed so far (the lists are empty); stale: shown, but the last refresh failed or is due. */
  state: 'fresh' | 'stale' | 'absent'
  /** Why the last refresh failed, a sentence for people; null when it did not. */
  problem: string | null
  /** Rises whenever anything below changes: a key for lists derived from it. */
  revision: number
  /** Unix ms of the last good refresh. */
  fetchedAt: number | null
  era: McpEra | null
  protocolVersion: string | null
  serverInfo: JsonObject | null
  capabilities: JsonObject
  instructions: string | null
  /** Accepted tools only. */
  tools: McpTool[]
  resources: JsonObject[]
  resourceTemplates: JsonObject[]
  prompts: JsonObject[]
  /** Tools hidden until the owner has reviewed them, and malformed ones. */
  quarantined: { name: string; reason: 'new' | 'changed' | 'malformed' }[]
  /** What did not fit the catalog's bounds, a sentence; null when all did. */
  leftOut: string | null
}

/** What the upstream may ask of, and tell, the one client that the session is for. */
export interface ClientFacing {
  /** As told to the upstream when its session starts, and in the envelope of each modern request. */
  clientInfo: JsonObject
  capabilities: JsonObject
  /** The client's own era, spoken upstream too where both are understood there, so that nothing is lost in between. Default legacy. */
  prefers?: McpEra
  /** Wants list changes and resource updates of a modern upstream. Default: true, but false when it prefers modern. */
  listens?: boolean
  /**
   * `sampling/createMessage`, `elicitation/create`, `roots/list`: answers the raw result; throw McpUpstreamError for a JSON-RPC error.
   * `during` is the call that it belongs to, where that is known: the only one running, or the one whose stream carried it.
   */
  request(
    method: string,
    params: JsonObject | undefined,
    context: { signal: AbortSignal; during: McpCallHandle | null },
  ): Promise<JsonObject>
  /**
   * `notifications/message`, `…/resources/updated`, `…/*_list_changed`, `…/elicitation/complete` and unknown ones. Progress comes to the
   * `onProgress` of its request instead. Must not throw.
   */
  notify(method: string, params: JsonObject | undefined, during: McpCallHandle | null): void
}

/** Whatever the bridge gave as `handle` with the request. */
export type McpCallHandle = unknown

export interface McpRequestOptions {
  /** Aborting cancels the request upstream and rejects with the signal's reason. */
  signal?: AbortSignal
  /** Params of `notifications/progress` without its token. The session makes a token of its own towards the upstream when this is given. */
  onProgress?: (progress: JsonObject) => void
  handle?: McpCallHandle
  inputRequired?: 'fulfil' | 'return'
  /** Of a modern client: its own info and capabilities for this request instead of the session's. */
  clientInfo?: JsonObject
  capabilities?: JsonObject
  /** Silence for so long is UPSTREAM_TIMEOUT; progress starts it anew. Default 300,000 ms. */
  timeoutMs?: number
}

export interface McpSession {
  readonly connection: string
  /**
   * Any request. Throws McpUpstreamError (the upstream's own JSON-RPC error) or HallpassError: UPSTREAM_ERROR, UPSTREAM_TIMEOUT,
   * SECRET_UNAVAILABLE; UNAUTHORIZED for `tools/call` of a tool in quarantine. `tools/list` leaves such tools out.
   */
  request(method: string, params?: JsonObject, options?: McpRequestOptions): Promise<JsonObject>
  /** `notifications/roots/list_changed` and the like. Dropped when the upstream has no session open. */
  notify(method: string, params?: JsonObject): Promise<void>
  /** Starts the upstream if need be: what it said of itself when its session began. */
  opened(signal?: AbortSignal): Promise<{
    era: McpEra
    protocolVersion: string
    serverInfo: JsonObject | null
    capabilities: JsonObject
    instructions: string | null
  }>
  /** Ends the upstream's session or process; requests that run are rejected with UPSTREAM_ERROR. */
  close(): Promise<void>
}

/** The upstream's (or, in `ClientFacing.request`, the client's) JSON-RPC error, to be passed on as it is. */
export class McpUpstreamError extends Error {
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.name = 'McpUpstreamError'
    this.code = code
    this.data = data
  }
}
