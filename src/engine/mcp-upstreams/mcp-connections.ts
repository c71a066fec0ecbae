import type { Permission } from '../../contract/grants.ts'
import type { ConnectionRecord } from '../../contract/records.ts'
import type {
  McpConnectionConfig,
  McpDiagnostics,
  McpToolRecord,
  ToolAcceptance,
} from '../../contract/upstreams/mcp-connection.ts'
import type { Secret } from '../secrets/secret.ts'
import type { CheckedUpstream } from './check-upstream.ts'
import type { McpUpstreams } from './mcp-upstreams.ts'

/**
 * Everything that the bridge, connections and the owner API need from MCP servers. Unknown names throw INVALID_REQUEST.
 */
export interface McpConnections extends McpUpstreams {
  /**
   * Tests a configuration before it is stored and returns the one to store. Throws an error that says what is wrong.
   */
  check(config: McpConnectionConfig, secret: Secret | undefined): Promise<CheckedUpstream>
  /** Stores the lists of the check as the connection's catalog, with all tools accepted. */
  adopt(name: string, checked: CheckedUpstream): void
  /** Lists the upstream now. Throws an error that says what is wrong. */
  test(name: string): Promise<void>
  tools(name: string): McpToolRecord[]
  /** Returns null unless it is an MCP server. */
  counts(name: string): ConnectionRecord['tools']
  accept(name: string, tools: readonly ToolAcceptance[]): Promise<void>
  reject(name: string, tools: readonly ToolAcceptance[]): Promise<void>
  undoReview(name: string, tools: readonly string[]): Promise<void>
  setEnabled(name: string, tools: readonly string[], enabled: boolean): Promise<void>
  setPermission(name: string, tool: string, permission: Permission | null): Promise<void>
  diagnostics(name: string): McpDiagnostics
  /**
   * Starts an OAuth sign-in and returns the URL for the owner's browser. Throws INVALID_REQUEST if the connection
   * doesn't use OAuth.
   */
  signIn(name: string): Promise<{ authorize_url: string; expires_at: string }>
  /**
   * Lists the upstream again and returns the numbers of tools and of those that need review. Throws an error that says
   * what is wrong.
   */
  refresh(name: string): Promise<{ tools: number; needs_review: number }>
  /** Returns the connections with tools that need review. */
  pendingReviews(): { connection: string; tools: number }[]
  /** Returns the connections that can't be used until the owner signs in. */
  neededSignIns(): string[]
  /** Starts checking connections in the background, beginning immediately with those of projects. */
  watch(): void
  /** Closes everything open for a connection that was deleted or changed. */
  forget(connectionId: number): Promise<void>
  /** Ends every session and process, and resolves once none is running. */
  close(): Promise<void>
}
