import type { Permission } from '../../contract/grants.ts'
import type { AnySignal } from '../interruption.ts'
import type { JsonObject } from '../text/json.ts'

/**
 * The interface of MCP connections for the bridge and the owner API.
 *
 * A session is a raw pipe of JSON-RPC values, not a typed client. `request(method, params)` returns the result object
 * exactly as the upstream sent it, including unknown fields and `_meta`, and throws an upstream's JSON-RPC error as
 * `McpUpstreamError` with its code, message and data. Pass-through can therefore return what the upstream returns in
 * every protocol version, even for methods that Hallpass doesn't know. Sessions only handle what belongs to a single
 * hop: IDs, progress tokens, the envelope and cancellation.
 *
 * `legacy` (2025-11-25 and older): the upstream has a session and sends requests to the client →
 * `ClientFacing.request`. `modern` (2026-07-28): no session; a result can be `resultType: "input_required"`. Sessions
 * hide the upstream's version where possible:
 * - `resources/subscribe`, `resources/unsubscribe`, `logging/setLevel` and `ping` also work on modern upstreams (with a
 * listen stream, the log level in each request's `_meta`, and a local response).
 * - `server/discover` and `subscriptions/listen` are handled by the bridge and not forwarded.
 * - `inputRequired: 'fulfil'` (the default, for legacy clients) calls `ClientFacing.request` for each input and repeats
 * the call until it is complete. `'return'` (for modern clients) returns the `input_required` result unchanged,
 * including `requestState`. If a legacy upstream sends a request during a modern client's call, `ClientFacing.request`
 * gets that call as `during`. The bridge turns it into an `input_required` result and holds the call.
 *
 * Each client has its own session. Creating one is free: the process or the upstream's session starts with the first
 * request, and again after a crash or an expired session. Clients without sessions (modern) lease one: a kept session
 * of the same token, used by one request at a time, so that each upstream request belongs to exactly one call.
 */
export interface McpUpstreams {
  /**
   * Returns immediately from memory or disk, without waiting for the upstream. Starts a refresh in the background if
   * one is due.
   */
  catalog(connection: string): McpCatalog
  /**
   * Waits for a running or due refresh until the signal aborts, then returns what `catalog` returns. For a first list,
   * tests and checks.
   */
  refreshed(connection: string, signal: AbortSignal): Promise<McpCatalog>
  /**
   * Calls the listener with the connection's name after its catalog or accepted tools changed. Returns a function that
   * removes it.
   */
  onChange(listener: (connection: string) => void): () => void
  /**
   * Returns the permission that a tool requires and why it can't be called, or null if the catalog doesn't contain it.
   */
  decide(connection: string, tool: string): { permission: Permission; refused: string | null } | null
  openSession(connection: string, client: ClientFacing): McpSession
}

export type McpEra = 'legacy' | 'modern'

export interface McpTool {
  name: string
  /** The tool as the upstream declares it, with hidden characters made visible. */
  definition: JsonObject
  /** The permission that the owner set, otherwise `read` if the tool declares itself read-only, otherwise `write`. */
  permission: Permission
}

export interface McpCatalog {
  connection: string
  /** absent: never listed, so the lists are empty. stale: the last refresh failed or one is due. */
  state: 'fresh' | 'stale' | 'absent'
  /** Why the last refresh failed, as a sentence for people, or null. */
  problem: string | null
  /** Increases whenever anything below changes, as a key for derived lists. */
  revision: number
  /** Time of the last successful refresh, in milliseconds since 1970. */
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
  /** Tools hidden until the owner has reviewed them, those that the owner turned off or rejected, and malformed ones. */
  quarantined: { name: string; reason: 'new' | 'changed' | 'rejected' | 'off' | 'malformed' }[]
  /** What exceeded the catalog's limits, as a sentence, or null. */
  leftOut: string | null
}

/** What the upstream can request from, and send to, the client of this session. */
export interface ClientFacing {
  /** Key of the token that the client uses. Each token gets a share of a connection's sessions. */
  owner?: string
  /** Sent to the upstream when its session starts, and in the envelope of each modern request. */
  clientInfo: JsonObject
  capabilities: JsonObject
  /**
   * The client's own protocol version. Preferred for the upstream too, so that nothing is lost in a conversion.
   * Default: legacy.
   */
  prefers?: McpEra
  /** Receives list changes and resource updates of a modern upstream. Default: true, unless it prefers modern. */
  listens?: boolean
  /**
   * Handles `sampling/createMessage`, `elicitation/create` and `roots/list` and returns the raw result. Throw
   * McpUpstreamError for a JSON-RPC error. `during` is the call it belongs to, if known: the only running one, or the
   * one whose stream carried it.
   */
  request(
    method: string,
    params: JsonObject | undefined,
    context: { signal: AbortSignal; during: McpCallHandle | null },
  ): Promise<JsonObject>
  /**
   * Handles `notifications/message`, `…/resources/updated`, `…/*_list_changed`, `…/elicitation/complete` and unknown
   * ones. Progress goes to the `onProgress` of its request instead. Must not throw.
   */
  notify(method: string, params: JsonObject | undefined, during: McpCallHandle | null): void
}

/** The `handle` that the bridge passed with the request. */
export type McpCallHandle = unknown

export interface McpRequestOptions {
  /** Aborting cancels the request upstream and rejects with the signal's reason. */
  signal?: AnySignal
  /**
   * Receives the params of `notifications/progress` without the token. If set, the session creates its own token for
   * the upstream.
   */
  onProgress?: (progress: JsonObject) => void
  handle?: McpCallHandle
  inputRequired?: 'fulfil' | 'return'
  /** A modern client's info and capabilities for this request, instead of the session's. */
  clientInfo?: JsonObject
  capabilities?: JsonObject
  /** Time without a message until UPSTREAM_TIMEOUT. Progress restarts it. Default: 300,000 ms. */
  timeoutMs?: number
}

export interface McpSession {
  readonly connection: string
  /**
   * Sends any request. Throws McpUpstreamError (the upstream's JSON-RPC error) or HallpassError: UPSTREAM_ERROR,
   * UPSTREAM_TIMEOUT, SECRET_UNAVAILABLE, or UNAUTHORIZED when calling a quarantined tool. `tools/list` results don't
   * contain those.
   */
  request(method: string, params?: JsonObject, options?: McpRequestOptions): Promise<JsonObject>
  /** Sends `notifications/roots/list_changed` and the like. Dropped if no session is open. */
  notify(method: string, params?: JsonObject): Promise<void>
  /** Starts the upstream if necessary and returns what it declared when its session started. */
  opened(signal?: AbortSignal): Promise<{
    era: McpEra
    protocolVersion: string
    serverInfo: JsonObject | null
    capabilities: JsonObject
    instructions: string | null
  }>
  /** Ends the upstream's session or process. Running requests are rejected with UPSTREAM_ERROR. */
  close(): Promise<void>
}

/** A JSON-RPC error of the upstream (or, in `ClientFacing.request`, of the client) that is passed on unchanged. */
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
