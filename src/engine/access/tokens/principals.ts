import type { Store } from '../../store/store.ts'
import type { Life } from './life.ts'
import { intersectGrants } from '../narrow.ts'
import type { Principal, RateLimit } from '../principal.ts'
import { tokenExpired } from '../sentences.ts'
import { isSpent } from '../sessions/session-table.ts'
import type { LiveSession, SessionTable } from '../sessions/session-table.ts'
import { parseCredential } from '../../text/token-format.ts'
import { cloneGrants } from './prepare-token.ts'
import type { LiveToken, TokenTable } from './token-table.ts'

export interface Principals {
  /** Returns the principal of a bearer credential, `'ended'` if it has ended, or null if it is unknown. */
  find(bearer: string): { principal: Principal; session: LiveSession | null } | 'ended' | null
  /** Returns the principal with its current grants. Throws TOKEN_EXPIRED if it has ended. */
  current(principal: Principal): Principal
  /** Throws TOKEN_EXPIRED if it has ended. */
  lifeOf(principal: Principal): Life
}

interface Options {
  store: Store
  tokens: TokenTable
  sessions: SessionTable
  defaultRate: () => RateLimit
}

export function createPrincipals({ store, tokens, sessions, defaultRate }: Options): Principals {
  /**
   * Returns the session token with its own grants, limited to its parent's current ones. Null if its parent ended,
   * which ended it too.
   */
  function principalOf(session: LiveSession): Principal | null {
    const parent = session.tokenId === null ? null : tokens.byId(session.tokenId)
    if ((session.tokenId !== null && parent === null) || session.life.ended) return null
    if (session.generation !== tokens.generation) {
      const held = parent === null ? cloneGrants(store.read.connections(session.project.id)) : parent.principal.grants
      session.principal = Object.freeze({
        ...session.principal,
        grants: intersectGrants(session.own, held),
        rate: parent === null ? defaultRate() : parent.principal.rate,
        paused: parent?.principal.paused === true,
        budget: parent?.principal.budget ?? null,
      })
      session.generation = tokens.generation
    }
    return session.principal
  }

  function liveOf(principal: Principal): LiveSession | LiveToken {
    const live =
      principal.sessionId === null
        ? principal.tokenId === null
          ? null
          : tokens.byId(principal.tokenId)
        : sessions.byId(principal.sessionId)
    if (live === null || principal.signal.aborted) throw tokenExpired()
    return live
  }

  return {
    find(bearer) {
      const credential = parseCredential(bearer)
      if (credential === null) return null
      if (credential.kind === 'access') {
        const token = tokens.byHash(credential.hash)
        return token === null || token === 'ended' ? token : { principal: token.principal, session: null }
      }
      const session = sessions.byHash(credential.hash)
      if (session === null || session === 'ended') return session
      const principal = isSpent(session) ? null : principalOf(session)
      return principal === null ? 'ended' : { principal, session }
    },

    current(principal) {
      const live = liveOf(principal)
      const now = 'own' in live ? principalOf(live) : live.principal
      if (now === null) throw tokenExpired()
      return now
    },

    lifeOf: (principal) => liveOf(principal).life,
  }
}
