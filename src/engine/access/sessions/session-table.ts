import type { HallpassError } from '../../../contract/errors.ts'
import type { Grant, Permission } from '../../../contract/grants.ts'
import type { Life } from '../tokens/life.ts'
import type { Deadline, Lifetime } from '../tokens/lifetime.ts'
import type { Ended } from '../access.ts'
import type { Principal } from '../principal.ts'
import { createRemembered } from '../tokens/remembered.ts'

/** A session token in memory. `own` is what it got when it was minted; every use holds that to its parent's grants again. */
export interface LiveSession {
  readonly id: string
  readonly hash: string
  /** Null when the owner minted it. */
  readonly tokenId: number | null
  readonly parentName: string
  readonly project: { id: number; name: string }
  readonly connection: string
  readonly permissions: Permission[]
  readonly resources: string[] | null
  readonly own: Grant[]
  readonly createdAt: number
  readonly expiresAt: number
  readonly deadline: Deadline
  readonly maxRequests: number | null
  readonly life: Life
  requests: number
  /** With the effective grants of `generation`. */
  principal: Principal
  generation: number
}

export interface SessionTable {
  add(session: LiveSession): void
  /** Null when unknown; `'ended'` while its end is remembered. */
  byHash(hash: string): LiveSession | 'ended' | null
  byId(id: string): LiveSession | null
  /** Those not over, oldest first. */
  live(): LiveSession[]
  countOf(tokenId: number | null): number
  /** Running requests are interrupted with `error`; without one, with the end of their token. */
  end(which: (session: LiveSession) => boolean, error?: HallpassError): Ended
  /** Ends those whose time is over. */
  sweep(): void
}

export function isSpent(session: LiveSession): boolean {
  return session.maxRequests !== null && session.requests >= session.maxRequests
}

/** Session tokens, in memory only. Ended ones are remembered for a while, by hash. */
export function createSessionTable({
  lifetime,
  onChange,
}: {
  lifetime: Lifetime
  onChange?: () => void
}): SessionTable {
  const byHash = new Map<string, LiveSession>()
  const byId = new Map<string, LiveSession>()
  const counts = new Map<number | null, number>()
  const remembered = createRemembered()

  function remove(session: LiveSession, error?: HallpassError): number {
    byHash.delete(session.hash)
    byId.delete(session.id)
    const left = (counts.get(session.tokenId) ?? 1) - 1
    if (left > 0) counts.set(session.tokenId, left)
    else counts.delete(session.tokenId)
    remembered.add(session.hash)
    onChange?.()
    return session.life.end(error)
  }

  function current(session: LiveSession | undefined): LiveSession | null {
    if (session === undefined) return null
    if (!lifetime.isExpired(session.deadline)) return session
    remove(session)
    return null
  }

  return {
    add(session) {
      byHash.set(session.hash, session)
      byId.set(session.id, session)
      counts.set(session.tokenId, (counts.get(session.tokenId) ?? 0) + 1)
      onChange?.()
    },
    byHash: (hash) => current(byHash.get(hash)) ?? (remembered.has(hash) ? 'ended' : null),
    byId: (id) => current(byId.get(id)),
    live: () => [...byHash.values()].filter((session) => !lifetime.isExpired(session.deadline)),
    countOf: (tokenId) => counts.get(tokenId) ?? 0,
    end(which, error) {
      const ended: Ended = { sessions_ended: 0, requests_cut: 0 }
      for (const session of byHash.values()) {
        if (!which(session)) continue
        // A spent session is over already for whoever counts; what still runs on it is cut all the same.
        if (!isSpent(session)) ended.sessions_ended += 1
        ended.requests_cut += remove(session, error)
      }
      return ended
    },
    sweep() {
      for (const session of byHash.values()) current(session)
    },
  }
}
