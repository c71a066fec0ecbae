import type { RequestFilter } from '../../contract/owner-api.ts'
import type { RequestRecord } from '../../contract/records.ts'
import type { ConnectionRow, NewConnection, NewToken, ProjectRow, TokenRow } from './rows.ts'

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
  /** Newest first. */
  requests(filter: RequestFilter & { since_ms?: number }): RequestRecord[]
  requestsSince(instantMs: number): number
}

export interface StoreWriters {
  createProject(name: string, createdAt: number): ProjectRow
  deleteProject(id: number): void
  createConnection(connection: NewConnection): ConnectionRow
  setSecretHome(connectionId: number, home: string | null, account: string): void
  deleteConnection(id: number): void
  include(projectId: number, connectionId: number): void
  /** Takes the connection out of the project, with every grant on it that the project's tokens held. */
  exclude(projectId: number, connectionId: number): void
  createToken(token: NewToken): TokenRow
  revokeToken(id: number, at: number): void
  deleteToken(id: number): void
  touchTokens(lastUsed: ReadonlyMap<number, number>): void
  setSetting(key: string, value: string): void
  /** One transaction: inserts opened rows and completes closed ones. `id` is chosen by the log. */
  writeRequests(batch: { opened: RequestRecord[]; closed: RequestRecord[] }): void
  /** Ids go on from the highest ever written. */
  highestRequestId(): number
  /** Deletes some of the rows older than `before` or beyond the newest `keep`; answers how many: call again until 0. Never blocks long. */
  pruneRequests(before: number, keep: number): number
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
