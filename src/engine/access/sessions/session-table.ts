import type { HallpassError } from '../../../contract/errors.ts'
import type { Grant, Permission } from '../../../contract/grants.ts'
import type { Life } from '../tokens/life.ts'
import type { Deadline, Lifetime } from '../tokens/lifetime.ts'
import type { SessionRecord } from '../../../contract/records.ts'
import type { Ended } from '../access.ts'
import { sessionRecord } from '../tokens/access-records.ts'
import type { Principal, RememberedToken } from '../principal.ts'
import { createRemembered } from '../tokens/remembered.ts'

/**
 * A session token in memory. `own` are its grants when it was minted. Each use limits them to its parent's current
 * grants.
 */
export interface LiveSession {
  readonly id: string
  readonly hash: string
  /** Null if the owner created it. */
  readonly tokenId: number | null
  readonly parentName: string
  readonly project: { id: number; name: string }
  connection: string
  readonly permissions: Permission[]
  readonly resources: string[] | null
  own: Grant[]
  readonly createdAt: number
  readonly expiresAt: number
  readonly deadline: Deadline
  readonly maxRequests: number | null
  /** Null if none was given. */
  readonly label: string | null
  readonly life: Life
  requests: number
  lastUsedAt: number | null
  /** With the effective grants as of `generation`. */
  principal: Principal
  generation: number
}

export interface SessionEnd {
  at: number
  by: 'expiry' | 'owner'
}

/** How long the records of ended session tokens are listed. */
const MAX_ENDED_MS = 24 * 60 * 60 * 1000
const MAX_ENDED = 1000

export interface SessionTable {
  add(session: LiveSession): void
  /** Returns null if the hash is unknown, and `'ended'` while an ended session token is remembered. */
  byHash(hash: string): LiveSession | 'ended' | null
  byId(id: string): LiveSession | null
  /** Returns the names of an ended session token, while it is remembered. */
  remembered(hash: string): RememberedToken | null
  /** Returns the active ones, oldest first. */
  live(): LiveSession[]
  /** Returns those that ended in the last 24 hours, at most 1,000, first ended first. */
  ended(): SessionRecord[]
  countOf(tokenId: number | null): number
  /** Interrupts running requests with `error`, or by default with the error for an ended token. */
  end(which: (session: LiveSession) => boolean, error?: HallpassError): Ended
  /** Gives the session tokens of a connection its new name. */
  renameConnection(from: string, to: string): void
  /** Ends the expired ones. */
  sweep(): void
}

export function isSpent(session: LiveSession): boolean {
  return session.maxRequests !== null && session.requests >= session.maxRequests
}

/** Session tokens, in memory only. Ended ones are remembered by hash for a while. */
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
  const remembered = createRemembered<RememberedToken>()
  const past: { at: number; record: SessionRecord }[] = []

  function describe(session: LiveSession, state: RememberedToken['state']): RememberedToken {
    const parent = session.tokenId === null ? null : session.parentName
    return { project: session.project.name, name: session.id, parent, state }
  }

  function keepRecord(session: LiveSession, state: 'expired' | 'revoked'): void {
    const now = lifetime.now()
    // Expired ones are found some time after they expired, or used up their requests before.
    const at =
      state === 'expired' ? Math.min(now, session.expiresAt) : isSpent(session) ? (session.lastUsedAt ?? now) : now
    past.push({
      at,
      record: sessionRecord(session, { at, by: state === 'revoked' && !isSpent(session) ? 'owner' : 'expiry' }),
    })
    if (past.length > MAX_ENDED) past.shift()
  }

  function remove(session: LiveSession, state: 'expired' | 'revoked', error?: HallpassError): number {
    keepRecord(session, state)
    byHash.delete(session.hash)
    byId.delete(session.id)
    const left = (counts.get(session.tokenId) ?? 1) - 1
    if (left > 0) counts.set(session.tokenId, left)
    else counts.delete(session.tokenId)
    remembered.add(session.hash, describe(session, state))
    onChange?.()
    return session.life.end(error)
  }

  function current(session: LiveSession | undefined): LiveSession | null {
    if (session === undefined) return null
    if (!lifetime.isExpired(session.deadline)) return session
    remove(session, 'expired')
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
    remembered(hash) {
      // One that has used up its requests stays in the table until it expires.
      const spent = byHash.get(hash)
      return spent === undefined ? remembered.get(hash) : describe(spent, 'expired')
    },
    live: () => [...byHash.values()].filter((session) => !lifetime.isExpired(session.deadline)),
    ended() {
      const since = lifetime.now() - MAX_ENDED_MS
      const spent = [...byHash.values()].filter(isSpent).map((session) => {
        const at = session.lastUsedAt ?? session.createdAt
        return { at, record: sessionRecord(session, { at, by: 'expiry' }) }
      })
      return [...past, ...spent].filter(({ at }) => at >= since).map(({ record }) => record)
    },
    countOf: (tokenId) => counts.get(tokenId) ?? 0,
    end(which, error) {
      const ended: Ended = { sessions_ended: 0, requests_cut: 0 }
      for (const session of byHash.values()) {
        if (!which(session)) continue
        // A session token without remaining access was already counted as ended, but its running requests still have to
        // be interrupted.
        if (!isSpent(session)) ended.sessions_ended += 1
        ended.requests_cut += remove(session, 'revoked', error)
      }
      return ended
    },
    renameConnection(from, to) {
      for (const session of byHash.values()) {
        if (session.connection !== from) continue
        session.connection = to
        session.own = session.own.map((grant) => (grant.connection === from ? { ...grant, connection: to } : grant))
      }
      onChange?.()
    },
    sweep() {
      for (const session of byHash.values()) current(session)
    },
  }
}
