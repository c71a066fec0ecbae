import type { ConnectionRow, McpToolRow, NewConnection, NewToken, ProjectRow, TokenRow, TokenValues } from './rows.ts'

/**
 * Projects, connections, tokens and settings. Reads and writes are synchronous. Writes are durable when they return
 * (WAL, synchronous=FULL). A duplicate name throws INVALID_REQUEST. Unknown names return null or false.
 */
export interface DirectoryReaders {
  projects(): ProjectRow[]
  project(name: string): ProjectRow | null
  connections(projectId?: number): ConnectionRow[]
  connection(name: string): ConnectionRow | null
  /** Returns the names of the projects that include it. */
  projectsOf(connectionId: number): string[]
  includes(projectId: number, connectionId: number): boolean
  tokens(projectId?: number): TokenRow[]
  token(projectId: number, name: string): TokenRow | null
  tokenByHash(hash: string): TokenRow | null
  tokenById(id: number): TokenRow | null
  setting(key: string): string | null
  /** `content` is what the mcp module wrote. */
  mcpCatalog(connectionId: number): { content: string; fetched_at: number } | null
  mcpTools(connectionId: number): McpToolRow[]
}

export interface DirectoryWriters {
  createProject(name: string, createdAt: number): ProjectRow
  deleteProject(id: number): void
  setProjectMode(id: number, settings: { mode: ProjectRow['mode']; passThroughId: number | null }): void
  createConnection(connection: NewConnection): ConnectionRow
  touchConnections(lastUsed: ReadonlyMap<number, number>): void
  setSecretHome(connectionId: number, home: string | null, account: string): void
  deleteConnection(id: number): void
  include(projectId: number, connectionId: number): void
  /** Removes the connection from the project, with all grants on it of the project's tokens. */
  exclude(projectId: number, connectionId: number): void
  createToken(token: NewToken): TokenRow
  revokeToken(id: number, at: number): void
  /** Replaces the hash of the secret. */
  setTokenSecret(id: number, prefix: string, hash: string): void
  setTokenExpiry(id: number, expiresAt: number | null): void
  /** Sets all values if the token still has this revision, and increments it. Otherwise returns false. */
  updateToken(id: number, projectId: number, revision: number, values: TokenValues): boolean
  deleteToken(id: number): void
  touchTokens(lastUsed: ReadonlyMap<number, number>): void
  setSetting(key: string, value: string): void
  /** Null content means that it didn't change but was seen again now. */
  setMcpCatalog(connectionId: number, content: string | null, fetchedAt: number): void
  /** Runs in one transaction. */
  setMcpTools(connectionId: number, tools: readonly McpToolRow[]): void
  setMcpToolPermission(connectionId: number, tool: McpToolRow): void
  /** Revokes every token, for a store that was restored from a copy. */
  revokeAllTokens(at: number): number
}

/** The synchronous part of the store, which answers everything needed to decide about a request. */
export interface Directory {
  readonly read: DirectoryReaders
  readonly write: DirectoryWriters
}
