import type {
  ConfigurationWrites,
  ConnectionRow,
  ConnectionValues,
  FormerTokenRow,
  McpToolRow,
  NewConnection,
  NewToken,
  PayloadPeriod,
  ProjectRow,
  StoredConfiguration,
  TokenRow,
  TokenUse,
  TokenValues,
  ToolPermission,
} from './rows.ts'

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
  tokenUse(id: number): TokenUse | null
  /** Returns the token whose secret had this hash, for 30 days after it was rotated or deleted. */
  formerToken(hash: string): FormerTokenRow | null
  setting(key: string): string | null
  /** `content` is what the mcp module wrote. */
  mcpCatalog(connectionId: number): { content: string; fetched_at: number } | null
  mcpTools(connectionId: number): McpToolRow[]
}

interface ProjectValues {
  mode?: ProjectRow['mode'] | undefined
  answer_chars?: ProjectRow['answer_chars'] | undefined
  /** The name of an MCP server, or null to show all connections. */
  passThrough?: string | null | undefined
  description?: string | undefined
  pinned?: boolean | undefined
  payloads?: PayloadPeriod | undefined
}

export interface DirectoryWriters {
  createProject(name: string, createdAt: number): ProjectRow
  deleteProject(id: number): void
  /**
   * Sets what is given and leaves the rest. Returns false, and sets nothing, if the project is gone or if the connection to
   * pass through isn't its only MCP server.
   */
  updateProject(id: number, values: ProjectValues): boolean
  /** Creates a connection and optionally includes it in a project, which can also pass it through. One transaction. */
  createConnection(connection: NewConnection, inclusion?: { projectId: number; passThrough: boolean }): ConnectionRow
  touchConnections(lastUsed: ReadonlyMap<number, number>): void
  /**
   * Sets all values if the connection still has this revision, and increments it. Otherwise returns false. Throws
   * INVALID_REQUEST if the name exists.
   */
  updateConnection(id: number, revision: number, values: ConnectionValues): boolean
  /** Sets a new secret and returns the location of the old one, or null if the connection was deleted. */
  replaceSecret(
    connectionId: number,
    home: string | null,
    account: string,
    at: number,
  ): Pick<ConnectionRow, 'secret_location' | 'secret_account'> | null
  /**
   * Sets where the secret with this account is stored. Returns false if the connection now has another secret or was
   * deleted.
   */
  setSecretLocation(connectionId: number, location: string | null, account: string): boolean
  deleteConnection(id: number): void
  /** Deletes a connection that no project includes and whose secret has this account. Returns false for any other. */
  deleteUnusedConnection(id: number, account: string): boolean
  /** Returns false if the project or the connection is gone. Including a connection again changes nothing. */
  include(projectId: number, connectionId: number): boolean
  /** Removes the connection from the projects, with every grant of their tokens on it. One transaction. */
  exclude(projectIds: readonly number[], connectionId: number): void
  createToken(token: NewToken): TokenRow
  /** Creates a token and deletes and returns the one with the same name, or null if there is none. One transaction. */
  replaceToken(token: NewToken): { row: TokenRow; replaced: TokenRow | null }
  revokeToken(id: number, at: number): void
  /**
   * Replaces the secret of a token that has this hash and isn't revoked. The old secret works until `overlapUntil`.
   * Returns false for any other token.
   */
  rotateToken(
    id: number,
    ifHash: string | null,
    next: { prefix: string; hash: string },
    overlapUntil?: number | null,
  ): boolean
  /**
   * Sets the expiry of a token that has this revision and isn't revoked, and increments the revision. Returns false for
   * any other.
   */
  extendToken(id: number, revision: number, expiresAt: number | null): boolean
  /** Sets all values if the token still has this revision, and increments it. Otherwise returns false. */
  updateToken(id: number, projectId: number, revision: number, values: TokenValues): boolean
  deleteToken(id: number): void
  /** Each throws INVALID_REQUEST if the new name exists. */
  renameToken(id: number, projectId: number, name: string): void
  renameProject(id: number, name: string): void
  renameConnection(id: number, name: string): void
  touchTokens(lastUsed: ReadonlyMap<number, number>): void
  /** Sets what tokens have used of the day. */
  setTokenUse(used: ReadonlyMap<number, TokenUse>): void
  setSetting(key: string, value: string): void
  /** Like `setSetting`, for a value that removes access. */
  setRevokingSetting(key: string, value: string): void
  /** Null content means that it didn't change but was seen again now. */
  setMcpCatalog(connectionId: number, content: string | null, fetchedAt: number): void
  /** Runs in one transaction. */
  setMcpTools(connectionId: number, tools: readonly McpToolRow[]): void
  setMcpToolPermission(connectionId: number, tool: ToolPermission): void
  /** Writes everything in one transaction. Throws INVALID_REQUEST if a token or connection has changed since the plan. */
  applyConfiguration(writes: ConfigurationWrites): StoredConfiguration
  /** Revokes every token, for a store that was restored from a copy. */
  revokeAllTokens(at: number): number
}

/** The synchronous part of the store, which answers everything needed to decide about a request. */
export interface Directory {
  readonly read: DirectoryReaders
  readonly write: DirectoryWriters
}
