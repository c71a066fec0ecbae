import type { HallpassError } from '../../contract/errors.ts'
import type { Grant, Permission } from '../../contract/grants.ts'
import type { PausedBy } from '../../contract/owner-api.ts'
import type { PausedTime } from '../../contract/request-counts.ts'
import type { SessionRecord, TokenRecord } from '../../contract/records.ts'
import type { BudgetUsed, TokenBudget } from '../../contract/tokens/token-budget.ts'
import type { SessionRequest } from '../../contract/session-request.ts'
import type { TokenRow } from '../store/rows.ts'
import type { Demand, FormerToken, Principal, RateLimit } from './principal.ts'
import type { TokenUpdates } from './tokens/token-updates.ts'

export interface Ended {
  sessions_ended: number
  requests_cut: number
}

interface OwnerSessionRequest {
  project: string
  connection: string
  permissions: Permission[]
  ttlSeconds?: number
  resources?: string[]
  /** Prefix of the session's ID. */
  label?: string
  maxRequests?: number
}

/**
 * `ttl` is `30d`, `12h`, `90m`, `never` or an ISO 8601 timestamp; `rate` is `100/s`, `600/m` or `none`. Without grants,
 * the token can do nothing.
 */
export interface TokenRequest {
  project: string
  name: string
  kind: 'access' | 'local'
  ttl?: string
  grants?: Grant[]
  /** Every permission on every connection of the project. */
  clone?: boolean
  rate?: string
  /** Tools shown to its MCP clients, overriding the project's setting. */
  mode?: TokenRecord['mode'] & string
  /** Maximum characters of one answer to a model, overriding the project's setting. */
  answer_chars?: TokenRecord['answer_chars']
  description?: string
  /** What it can use per day. */
  budget?: TokenBudget
  force?: boolean
}

export type Root = { project: string; token?: string } | { connection: string; project?: string }

/**
 * What changed, for interfaces that show it. `use` means that only usage figures changed, as they do with every
 * request.
 */
export type AccessChange = 'tokens' | 'sessions' | 'state' | 'use'

/** A registered request. Ending its access interrupts it with the error that its caller gets. */
export interface RunningRequest {
  readonly connection: string | null
  /** What the request was allowed to do, so that it is interrupted when that permission is removed. */
  readonly demand?: Demand | undefined
  interrupt(error: HallpassError): void
}

/**
 * Actions and views of the owner. Everything returns a promise, because it may be written outside this process. Removed
 * access is effective in this process before the promise is returned.
 */
export interface OwnerAccess extends TokenUpdates {
  mintOwnerSession(input: OwnerSessionRequest): Promise<{ token: string; record: SessionRecord }>
  endSession(id: string): Promise<Ended>
  endAllSessions(): Promise<Ended>
  /** Returns the active ones, oldest first, and with `ended` those that ended in the last 24 hours. */
  sessions(project?: string, ended?: boolean): Promise<SessionRecord[]>
  /**
   * `secret` is returned once and is null for a local token. `force` replaces a token of the same name and ends it with
   * its session tokens.
   */
  createToken(input: TokenRequest): Promise<{ token: TokenRecord; secret: string | null }>
  revokeToken(project: string, name: string): Promise<Ended>
  deleteToken(project: string, name: string): Promise<Ended>
  /**
   * Gives an active access token a new secret. Its grants, rate limit and expiry don't change. When this resolves, the
   * old secret and its session tokens no longer work, or with `overlapSeconds` they work that much longer.
   */
  rotateToken(
    project: string,
    name: string,
    overlapSeconds?: number,
  ): Promise<{ token: TokenRecord; secret: string; ended: Ended }>
  /** Changes the expiry of an active token; `ttl` counts from now. A token that has ended stays ended. */
  extendToken(project: string, name: string, ttl: string): Promise<TokenRecord>
  /** Counts what would end or be interrupted with a token, a project or a connection, without changing anything. */
  below(root: Root): Promise<{ sessions: number; requests_running: number }>
  /** Deletes a project with its tokens, and ends its session tokens. */
  deleteProject(project: string): Promise<Ended>
  /**
   * Excludes the connection from one project or all, and ends the session tokens for it. Call it before deleting the
   * connection.
   */
  endConnection(connection: string, project?: string): Promise<Ended>
  tokens(project?: string): Promise<TokenRecord[]>
  /**
   * Applies what one transaction changed in the store: deleted tokens end, removed permissions end session tokens and
   * interrupt requests.
   */
  settle(changes: StoreChanges): Promise<Ended>
  pause(by?: PausedBy): Promise<void>
  resume(): Promise<void>
}

/** What one transaction changed. Session tokens of a renamed project or token end, because they carry its name. */
export interface StoreChanges {
  created?: readonly TokenRow[]
  deleted?: readonly TokenRow[]
  renamed?: { projectId: number } | { tokenId: number }
  /** Session tokens follow, as grants do. */
  renamedConnection?: { from: string; to: string }
}

/** Authentication, tokens and session tokens. All errors are HallpassErrors with the contract's codes and sentences. */
export interface Access extends OwnerAccess {
  /**
   * Returns the principal of a bearer credential and counts a use. Throws INVALID_TOKEN, TOKEN_EXPIRED, or PAUSED while
   * all access or this token is paused.
   */
  identify(bearer: string): Principal
  /** Like `identify`, for a principal that `recognize` returned in the same turn. Throws PAUSED. */
  admit(principal: Principal): Principal
  /**
   * Like `identify`, but doesn't count a use and works while paused. For rate limits and introspection. Returns null if
   * the credential is unknown or ended.
   */
  recognize(bearer: string): Principal | null
  /**
   * Returns the owner of an access token, even if it expired or was revoked, for the log row. Null for an unknown
   * credential.
   */
  ownerOf(bearer: string): FormerToken | null
  /** Returns a local token by name, for the control socket. Without a name, returns the project's only local token. */
  identifyLocal(project: string, name?: string): Principal
  /** Like `identifyLocal`, but doesn't count a use and works while paused. */
  recognizeLocal(project: string, name: string): Principal
  /** Returns the principal with its current grants. Throws if its token ended or was paused since, or all access is paused. */
  refresh(principal: Principal): Principal
  /**
   * Registers a running request, which pausing, revoking, excluding and deleting interrupt immediately. Returns a
   * function that unregisters it. Throws TOKEN_EXPIRED if the token ended since.
   */
  enter(principal: Principal, request?: RunningRequest): () => void
  /** Throws BUDGET_EXHAUSTED if the token, or the parent of a session token, has used up its daily budget. */
  requireBudget(principal: Principal): void
  /** Counts toward the daily budget of the token, or of the parent of a session token. */
  spend(principal: Principal, used: Partial<BudgetUsed>): void
  mintSession(parent: Principal, request: SessionRequest): { token: string; record: SessionRecord }
  readonly paused: boolean
  /** When all access was paused, as ISO 8601. Null if it isn't, or if an older version paused it. */
  readonly pausedSince: string | null
  readonly pausedBy: PausedBy | null
  /** Returns when all access was paused, of the last 35 days, as far as it overlaps a time in milliseconds since 1970. */
  pausesWithin(from: number, to: number): PausedTime[]
  /** Applies to tokens without an individual rate limit, from their next request on. */
  setDefaultRate(rate: RateLimit): void
  /** Writes last-used timestamps. */
  flush(): void
  close(): void
}
