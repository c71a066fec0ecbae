import type { Grant, Permission } from '../../contract/grants.ts'
import type { HttpConnectionConfig, OpenapiSource } from '../../contract/upstreams/http-connection.ts'
import type { McpConnectionConfig } from '../../contract/upstreams/mcp-connection.ts'
import type { ConnectionKind, TokenKind } from '../../contract/records.ts'
import type { TokenBudget } from '../../contract/tokens/token-budget.ts'

/** Rows as the store returns them. Times are milliseconds since 1970. */
export interface ProjectRow {
  id: number
  name: string
  created_at: number
  /** What its MCP clients see: every tool, or three tools for searching. */
  mode: 'all' | 'search'
  /** The connection that is passed through instead. Null if there is none or the project no longer includes it. */
  pass_through: string | null
  /** Maximum characters of one answer to a model. 0 for no limit, null if the settings decide. */
  answer_chars: number | null
  description: string
  /** Shown first among the projects. */
  pinned: boolean
  /** Payloads of its requests are recorded until then, and kept no longer. Null if they aren't recorded. */
  payloads_until: number | null
}
/** Starts recording payloads or moves its end; null stops it. */
export type PayloadPeriod = { since: number; until: number } | null
interface GristConfig {
  kind: 'grist'
  url: string
  doc?: string
  pin?: boolean
  plain_http?: boolean
}
interface SqliteConfig {
  kind: 'sqlite'
  path: string
}
/** Where to reload an OpenAPI document from, in addition to the owner's settings. */
type StoredHttpConfig = Omit<HttpConnectionConfig, 'openapi'> & { openapi_source?: OpenapiSource }

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
  secret_location: string | null
  /**
   * Name under which the secret is stored. Random and never reused, so that a new connection of the same name can't
   * find an old secret.
   */
  secret_account: string
  /** When the secret was stored. Null if there is none, or it was stored by an earlier version. */
  secret_set_at: number | null
  created_at: number
  last_used_at: number | null
  description: string
  /** Whether calls are rejected until the owner resumes the connection. */
  paused: boolean
  /** Incremented with every change of the owner. */
  revision: number
}
/** Values that a connection update sets. Without `secret`, it stays. */
export interface ConnectionValues {
  name: string
  description: string
  paused: boolean
  /** Without its kind. */
  config: Record<string, unknown>
  secret?: { location: string | null; account: string; at: number }
}
/**
 * A connection. `config` contains no secret, and its type depends on `kind`. Frozen, because all callers share the row.
 */
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
  /** SHA-256 of the whole token in hex. Null for a local token. */
  hash: string | null
  /** Contains only grants on connections that the project currently includes. */
  grants: Grant[]
  rate: string | null
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
  /** What its MCP clients see. Null if the project decides. */
  mode: ProjectRow['mode'] | null
  /** Maximum characters of one answer to a model. 0 for no limit, null if the project decides. */
  answer_chars: number | null
  description: string
  /** 1 if the owner paused this token alone. */
  paused: number
  /** Hash of the secret before the last rotation, which works until `former_until`. Null if there is none. */
  former_hash: string | null
  former_until: number | null
  /** What it can use per day. Null for no limit. */
  budget: TokenBudget | null
  /** Incremented with every change of the owner. */
  revision: number
}
/** Values that a token update sets. */
export type TokenValues = Pick<
  TokenRow,
  'description' | 'grants' | 'rate' | 'mode' | 'answer_chars' | 'expires_at' | 'paused' | 'budget'
> & { name?: string }
/** What a token has used of a day, which counts days since 1970 in UTC. */
export interface TokenUse {
  day: number
  requests: number
  records: number
  bytes: number
}
/** A token whose secret no longer exists. */
export interface FormerTokenRow {
  project: string
  name: string
  parent: null
  state: 'rotated' | 'deleted'
}
export interface NewConnection {
  name: string
  kind: ConnectionKind
  /** Without its kind. */
  config: Record<string, unknown>
  secret_location: string | null
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
  answer_chars?: number | null
  description?: string
  budget?: TokenBudget | null
}
/**
 * `accepted` is the tool as the owner accepted it (canonical JSON), or null. `permission` is the owner's choice, if
 * any.
 */
export interface McpToolRow {
  name: string
  accepted: string | null
  permission: Permission | null
  /** The form that the owner rejected. Another form needs a new decision. */
  rejected: string | null
  /** False if the owner turned the tool off. */
  enabled: boolean
  /** What the last review replaced, for undoing it. */
  former: string | null
}

export type ToolPermission = Pick<McpToolRow, 'name' | 'accepted' | 'permission'>

/**
 * Everything that one configuration changes, written in one transaction. Names are used for records that the same
 * transaction creates.
 */
export interface ConfigurationWrites {
  setting: { key: string; value: string } | null
  connections: {
    created: (NewConnection & { description: string })[]
    /** `ifAccount` is the account of the secret as of the plan. Without `secret_account`, it stays. */
    updated: (Pick<NewConnection, 'config' | 'secret_location'> & {
      id: number
      description: string
      ifAccount: string
      secret_account?: string
      secret_set_at: number | null
    })[]
    tools: { connectionId: number; tool: ToolPermission }[]
    deleted: number[]
  }
  projects: {
    created: { name: string; created_at: number }[]
    included: { project: string; connection: string }[]
    excluded: { projectId: number; connectionId: number }[]
    updated: ({ project: string; passThrough: string | null } & Pick<
      ProjectRow,
      'mode' | 'answer_chars' | 'description' | 'pinned'
    > & { payloads: PayloadPeriod | undefined })[]
    deleted: number[]
  }
  tokens: {
    created: (Omit<NewToken, 'project_id'> & { project: string; description: string })[]
    updated: { id: number; project: string; revision: number; values: TokenValues }[]
    deleted: number[]
  }
}
export interface StoredConfiguration {
  created: TokenRow[]
}
