import type { RequestFilter } from '../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../contract/records.ts'
import type { ConnectionRow, McpToolRow, NewConnection, NewToken, ProjectRow, TokenRow } from './rows.ts'

/**
 * The store's door: readers and writers over one SQLite file. All calls are synchronous and durable when they return
 * (WAL, synchronous=FULL), but for request rows, whose batches the log decides about.
 * Unique names are enforced here: a clash throws HallpassError INVALID_REQUEST that names it. Unknown ones: null or false.
 */
export interface StoreReaders {
  projects(): ProjectRow[]
  project(name: string): ProjectRow | null
  connections(projectId?: number): ConnectionRow[]
  connection(name: string): ConnectionRow | null
  /** Names of the projects that include it. */
  projectsOf(connectionId: number): string[]
  includes(projectId: number, connectionId: number): boolean
  tokens(projectId?: number): TokenRow[]
  token(projectId: number, name: string): TokenRow | null
  tokenByHash(hash: string): TokenRow | null
  tokenById(id: number): TokenRow | null
  setting(key: string): string | null
  /** `content` is what the mcp kind wrote. */
  mcpCatalog(connectionId: number): { content: string; fetched_at: number } | null
  mcpTools(connectionId: number): McpToolRow[]
  /** Newest first. */
  requests(filter: RequestFilter & { since_ms?: number }): RequestRecord[]
  request(id: number): RequestRecord | null
  /** Those that match among the row numbers `from` ≤ id < `to`: the work is bounded by that span. */
  requestsBetween(
    filter: RequestFilter & { since_ms?: number },
    span: { from: number; to: number; order: 'newest' | 'oldest'; limit: number },
  ): RequestRecord[]
  /** First and last row number; null when there is no row. */
  requestEnds(): { first_id: number; last_id: number } | null
  requestBounds(): { first_id: number; last_id: number; rows: number } | null
  /** Whether there are rows in that span and every one of them is older. */
  allBefore(instantMs: number, from: number, to: number): boolean
  /** When the newest request was made that is no act of the owner; null when there is none among the newest rows. */
  newestRequest(): number | null
  requestsSince(instantMs: number): number
  /** Counts of ended requests, one a step of `step` milliseconds (one of COUNT_LEVELS) that had any. */
  requestCounts(span: {
    project?: string | undefined
    connection?: string | undefined
    step: number
    from: number
    to: number
  }): Iterable<{ at: number; requests: number; errors: number; durations: Buffer }>
}

export interface StoreWriters {
  createProject(name: string, createdAt: number): ProjectRow
  deleteProject(id: number): void
  setProjectMode(id: number, settings: { mode: ProjectRow['mode']; passThroughId: number | null }): void
  createConnection(connection: NewConnection): ConnectionRow
  touchConnections(lastUsed: ReadonlyMap<number, number>): void
  setSecretHome(connectionId: number, home: string | null, account: string): void
  deleteConnection(id: number): void
  include(projectId: number, connectionId: number): void
  /** Takes the connection out of the project, with every grant on it that the project's tokens held. */
  exclude(projectId: number, connectionId: number): void
  createToken(token: NewToken): TokenRow
  revokeToken(id: number, at: number): void
  /** A new secret: the old hash is gone. */
  setTokenSecret(id: number, prefix: string, hash: string): void
  setTokenExpiry(id: number, expiresAt: number | null): void
  deleteToken(id: number): void
  touchTokens(lastUsed: ReadonlyMap<number, number>): void
  setSetting(key: string, value: string): void
  /** Null content: the same as before, seen again now. */
  setMcpCatalog(connectionId: number, content: string | null, fetchedAt: number): void
  /** One transaction. */
  setMcpTools(connectionId: number, tools: readonly McpToolRow[]): void
  setMcpToolPermission(connectionId: number, tool: McpToolRow): void
  /** One transaction: inserts opened rows and completes closed ones. `id` is chosen by the log. */
  writeRequests(batch: { opened: RequestRecord[]; closed: RequestRecord[] }): void
  /** Ids go on from the highest ever written. */
  highestRequestId(): number
  /** Deletes some of the rows older than `before` or beyond the newest `keep`; answers how many: call again until 0. Never blocks long. */
  pruneRequests(before: number, keep: number): number
  /** Adds ended requests to the counts; each is to be counted once. */
  countRequests(rows: readonly RequestRecord[]): void
  /** Deletes counts older than `before`, and fine ones that no summary asks for any more. */
  pruneRequestCounts(now: number, before: number): void
  /** Closes rows that a crash left open, with status 0 and code INTERRUPTED; answers how many. Only for the start of the log. */
  closeInterruptedRequests(): number
  /** Drops every session-independent live right: used when the store was restored from a copy. */
  revokeAllTokens(at: number): number
}

export interface Store {
  readonly file: string
  /** What the owner should know of the opening: a damaged file moved aside, say. */
  readonly notices: readonly string[]
  readonly read: StoreReaders
  readonly write: StoreWriters
  close(): void
}
