import type { Grant, Permission } from '../../contract/grants.ts'
import type { RequestRecord } from '../../contract/records.ts'

/** Who is asking: a token or session token that was found good a moment ago. */
export interface Principal {
  kind: NonNullable<RequestRecord['token_kind']>
  /** Token name, or the session's id for a session token. */
  name: string
  /** Parent token's name, for a session token. */
  parent: string | null
  /** Null for a session that the owner minted. */
  tokenId: number | null
  sessionId: string | null
  project: { id: number; name: string }
  /** Effective grants now: a session's own, held to its parent's. */
  grants: readonly Grant[]
  expiresAt: number | null
  /** Key of the rate limiter's bucket, and its limit. */
  rateKey: string
  rate: RateLimit
  /** What its MCP clients see; null where the project decides. */
  mode?: 'all' | 'search' | null
  /** Aborted the moment the token (or its parent) ends. */
  signal: AbortSignal
}

/** `requests` per `seconds`; null means no limit. */
export type RateLimit = { requests: number; seconds: number } | null

/** What a request wants to do. */
export interface Demand {
  permission: Permission
  connection: string
  table?: string
  tool?: string
  path?: string
  /** sql_query: reads the whole document, so refused to a token narrowed to tables. */
  wholeDocument?: boolean
}

export type Decision =
  | { allowed: true; grant: Grant }
  | {
      allowed: false
      sentence: string
      reason: 'connection' | 'permission' | 'table' | 'whole-document' | 'tool' | 'path'
    }
