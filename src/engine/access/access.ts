import type { HallpassError } from '../../contract/errors.ts'
import type { Grant, Permission } from '../../contract/grants.ts'
import type { SessionRecord, TokenRecord } from '../../contract/records.ts'
import type { SessionRequest } from '../../contract/session-request.ts'
import type { Demand, Principal, RateLimit } from './principal.ts'
import type { TokenUpdates } from './tokens/token-updates.ts'

export interface Ended {
  sessions_ended: number
  requests_cut: number
}

export interface OwnerSessionRequest {
  project: string
  connection: string
  permissions: Permission[]
  ttlSeconds?: number
  resources?: string[]
  /** Stands at the front of the session's id. */
  label?: string
}

/** `ttl` as `30d`, `12h`, `90m`, `never` or an ISO 8601 instant; `rate` as `100/s`, `600/m` or `none`. No grants: no rights. */
export interface TokenRequest {
  project: string
  name: string
  kind: 'access' | 'local'
  ttl?: string
  grants?: Grant[]
  /** Every permission on all that the project includes. */
  clone?: boolean
  rate?: string
  /** What its MCP clients see, whatever the project says. */
  mode?: TokenRecord['mode'] & string
  force?: boolean
}

export type Root = { project: string; token?: string } | { connection: string; project?: string }

/** What changed, for whoever shows it. `use`: only figures of tokens and session tokens moved, as they do with each request. */
export type AccessChange = 'tokens' | 'sessions' | 'state' | 'use'

/** A registered request. Whoever ends its access interrupts it, with the error that its caller gets. */
export interface RunningRequest {
  readonly connection: string | null
  /** What it was allowed to do, so that it ends when that is taken away. */
  readonly demand?: Demand | undefined
  interrupt(error: HallpassError): void
}

/** The access room's door. Every refusal is a HallpassError with the contract's code and sentence. */
export interface Access extends TokenUpdates {
  /** Bearer credential to principal: INVALID_TOKEN, TOKEN_EXPIRED, or PAUSED while the owner holds everything. Counts a use. */
  identify(bearer: string): Principal
  /** The same without counting a use nor refusing while paused: for rate limits and introspection. Null when unknown or ended. */
  recognise(bearer: string): Principal | null
  /** Whose access token this was: for the row of one that expired or was revoked. Null for an unknown credential. */
  ownerOf(bearer: string): { project: string; name: string; kind: 'access' } | null
  /** A local token by name, for the user-only socket; without a name the project's only local token. */
  identifyLocal(project: string, name?: string): Principal
  /** Throws when the principal's token ended since, or all is paused; answers it with the grants of this moment. */
  refresh(principal: Principal): Principal
  /**
   * Registers a running request, which pausing, revoking, excluding and deleting interrupt immediately. Returns the function
   * that takes it out again. Throws TOKEN_EXPIRED if the token expired or was revoked since.
   */
  enter(principal: Principal, request?: RunningRequest): () => void
  mintSession(parent: Principal, request: SessionRequest): { token: string; record: SessionRecord }
  mintOwnerSession(input: OwnerSessionRequest): { token: string; record: SessionRecord }
  endSession(id: string): Ended
  endAllSessions(): Ended
  sessions(project?: string): SessionRecord[]
  /** `secret` is shown once; null for a local token. `force` replaces a token of the same name, ending it and its sessions. */
  createToken(input: TokenRequest): { token: TokenRecord; secret: string | null }
  revokeToken(project: string, name: string): Ended
  deleteToken(project: string, name: string): Ended
  /** A new secret for an access token that is active; grants, rate and end stay. The old secret and its session tokens are over when this returns. */
  rotateToken(project: string, name: string): { token: TokenRecord; secret: string; ended: Ended }
  /** Moves the end of an active token; `ttl` as for a new one, from now. A token that ended stays ended. */
  extendToken(project: string, name: string, ttl: string): TokenRecord
  /** What would end and be cut off with a token, a project, or a connection in one project or all; nothing is changed. */
  below(root: Root): { sessions: number; requests_running: number }
  /** Ends what hangs on a project before it is deleted: revokes its tokens, ends its session tokens. */
  endProject(project: string): Ended
  /** Excludes the connection from the project, or from all, and ends the session tokens on it; call it before deleting or excluding. */
  endConnection(connection: string, project?: string): Ended
  tokens(project?: string): TokenRecord[]
  pause(): void
  resume(): void
  readonly paused: boolean
  /** For tokens without a rate of their own, from their next request on. */
  setDefaultRate(rate: RateLimit): void
  /** Writes last-used instants. */
  flush(): void
  close(): void
}
