import type { Grant, Permission } from '../../contract/grants.ts'
import type { RequestRecord } from '../../contract/records.ts'
import type { TokenBudget } from '../../contract/tokens/token-budget.ts'
import type { RequestRefusal, TokenState } from '../../contract/request-details.ts'

/** An authenticated caller: a token or session token that was just verified. */
export interface Principal {
  kind: NonNullable<RequestRecord['token_kind']>
  /** Token name, or the ID of a session token. */
  name: string
  /** Name of the parent token, for a session token. */
  parent: string | null
  /** Null for a session token that the owner created. */
  tokenId: number | null
  sessionId: string | null
  /** SHA-256 of the token. Null for a local token, which has no secret. */
  hash: string | null
  project: { id: number; name: string }
  /** Current grants: a session token's own, limited to its parent's. */
  grants: readonly Grant[]
  expiresAt: number | null
  /** Key and limit of the rate limiter's bucket. */
  rateKey: string
  rate: RateLimit
  /** Tools shown to its MCP clients. Null if the project decides. */
  mode?: 'all' | 'search' | null
  /** Maximum characters of one answer to a model. 0 for no limit, null if the project decides. */
  answerChars?: number | null
  /** What the token, or a session token's parent, can use per day. Null for no limit. */
  budget?: TokenBudget | null
  /** The owner paused the token, or a session token's parent. */
  paused?: boolean
  /** Aborted when the token or its parent ends. */
  signal: AbortSignal
}

/** Owner of a sent token that isn't valid. Names are null if unknown. */
export interface FormerToken {
  project: string | null
  name: string | null
  /** Name of the parent token, for a session token. */
  parent: string | null
  kind: 'access' | 'session'
  hash: string
  prefix: string
  state: Exclude<TokenState, 'active' | 'malformed' | 'missing'>
}

/** Names of a token that has ended, and how it ended. */
export type RememberedToken = Pick<FormerToken, 'state' | 'parent'> & { project: string; name: string }

/** `requests` per `seconds`. Null means no limit. */
export type RateLimit = { requests: number; seconds: number } | null

/** What a request needs permission for. */
export interface Demand {
  permission: Permission
  connection: string
  table?: string
  tool?: string
  path?: string
  /** For sql_query, which reads the whole document, so tokens limited to tables can't use it. */
  wholeDocument?: boolean
}

export type Decision =
  | { allowed: true; grant: Grant }
  | {
      allowed: false
      sentence: string
      reason: RequestRefusal['reason']
    }
