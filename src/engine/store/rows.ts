import type { Grant, Permission } from '../../contract/grants.ts'
import type { HttpConnectionConfig, OpenapiSource } from '../../contract/upstreams/http-connection.ts'
import type { McpConnectionConfig } from '../../contract/upstreams/mcp-connection.ts'
import type { ConnectionKind, TokenKind } from '../../contract/records.ts'

/** Rows as the store gives them. Instants are milliseconds since 1970. */
export interface ProjectRow {
  id: number
  name: string
  created_at: number
  /** What its MCP clients see: every tool, or three to find them by. */
  mode: 'all' | 'search'
  /** The connection that it shows as it is, instead; null for none, and when the project does not include it any more. */
  pass_through: string | null
}
export interface GristConfig {
  kind: 'grist'
  url: string
  doc?: string
}
export interface SqliteConfig {
  kind: 'sqlite'
  path: string
}
/** Where an OpenAPI document is read again from, beside what the owner set. */
export type StoredHttpConfig = Omit<HttpConnectionConfig, 'openapi'> & { openapi_source?: OpenapiSource }

interface ConnectionConfigs {
  grist: GristConfig
  sqlite: SqliteConfig
  http: StoredHttpConfig
  mcp: McpConnectionConfig
}

interface ConnectionFields {
  id: number
  name: string
  /** Null, 'keychain', 'vault', 'env:NAME' or 'file:PATH'. */
  secret_home: string | null
  /** Name under which the secret is stored: random, never reused, so that a connection created again finds no old secret. */
  secret_account: string
  created_at: number
  last_used_at: number | null
}
/** A connection; `config` holds no secret, and its type follows `kind`. Frozen: the same row is given to whoever asks. */
export type ConnectionRow = {
  [K in ConnectionKind]: Readonly<ConnectionFields> & { readonly kind: K; readonly config: ConnectionConfigs[K] }
}[ConnectionKind]
export type HttpConnectionRow = Extract<ConnectionRow, { kind: 'http' }>
export type McpConnectionRow = Extract<ConnectionRow, { kind: 'mcp' }>
export interface TokenRow {
  id: number
  project_id: number
  name: string
  kind: TokenKind
  prefix: string | null
  /** SHA-256 of the whole token, hex; null for a local token. */
  hash: string | null
  /** Only grants on connections that the project includes now. */
  grants: Grant[]
  rate: string | null
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
  /** What its MCP clients see; null where the project decides. */
  mode: ProjectRow['mode'] | null
  description: string
  /** Counts up with every change that the owner makes. */
  revision: number
}
/** What an update of a token sets. */
export type TokenValues = Pick<TokenRow, 'description' | 'grants' | 'rate' | 'mode' | 'expires_at'>
export interface NewConnection {
  name: string
  kind: ConnectionKind
  /** Without its kind. */
  config: Record<string, unknown>
  secret_home: string | null
  secret_account: string
  created_at: number
}
export interface NewToken {
  project_id: number
  name: string
  kind: TokenKind
  prefix: string | null
  hash: string | null
  grants: Grant[]
  rate: string | null
  created_at: number
  expires_at: number | null
  mode?: ProjectRow['mode'] | null
}
/** `accepted` is the tool as its owner accepted it (canonical JSON); null when not yet. `permission` is what the owner set, if anything. */
export interface McpToolRow {
  name: string
  accepted: string | null
  permission: Permission | null
}
