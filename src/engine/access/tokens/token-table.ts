import type { Store } from '../../store/store.ts'
import type { TokenRow } from '../../store/rows.ts'
import { createLife } from './life.ts'
import type { Life } from './life.ts'
import type { Deadline, Lifetime } from './lifetime.ts'
import type { Principal, RateLimit, RememberedToken } from '../principal.ts'
import { parseRate } from '../rate-limiter.ts'
import { createRemembered } from './remembered.ts'

/** An active stored token and its running requests. Exists as long as the token is active in this run. */
export interface LiveToken {
  readonly id: number
  hash: string | null
  readonly projectId: number
  deadline: Deadline
  readonly life: Life
  principal: Principal
  /** Generation of the store as of which `principal` was read. */
  generation: number
}

export interface TokenTable {
  /** Increases whenever grants, tokens or inclusions change, so that cached reads are refreshed. */
  readonly generation: number
  invalidate(): void
  /** Returns null if the hash is unknown, and `'ended'` if the token expired or was revoked. */
  byHash(hash: string): LiveToken | 'ended' | null
  byRow(row: TokenRow): LiveToken | 'ended'
  /** Returns null if it has ended. */
  byId(id: number): LiveToken | null
  /** Adds a token that was just created, with its deadline by both clocks. */
  add(row: TokenRow): LiveToken
  /** Replaces a token with a copy that has a new secret. Ends the old one and returns the number of interrupted requests. */
  replace(row: TokenRow): number
  /** Applies a new secret without affecting running requests. The old one works until the end of the overlap. */
  rehash(row: TokenRow): void
  /** Applies a new expiry without affecting running requests. */
  extend(row: TokenRow): void
  live(): Iterable<LiveToken>
  /** Ends a token for the rest of this run, whatever the store says, and returns the number of interrupted requests. */
  end(id: number): number
  /**
   * Remembers a token that is about to be deleted or to get another secret, so that it is reported as ended instead of
   * unknown.
   */
  remember(row: Pick<TokenRow, 'hash' | 'name' | 'project_id'>, state: 'rotated' | 'deleted'): void
  remembered(hash: string): RememberedToken | null
}

interface Options {
  store: Store
  lifetime: Lifetime
  defaultRate: () => RateLimit
  onChange?: () => void
  /** Called when a token is found to have expired, so that its session tokens end with it. */
  onExpired(id: number): void
}

export function createTokenTable({ store, lifetime, defaultRate, onChange, onExpired }: Options): TokenTable {
  const byHash = new Map<string, LiveToken>()
  const byId = new Map<number, LiveToken>()
  // A revocation that couldn't be written must not be undone by reading the token again.
  const barred = new Set<number>()
  const deleted = createRemembered<RememberedToken>()
  let generation = 0

  function principalOf(row: TokenRow, life: Life): Principal {
    const project = store.read.projects().find((candidate) => candidate.id === row.project_id)
    return Object.freeze({
      kind: row.kind,
      name: row.name,
      parent: null,
      tokenId: row.id,
      sessionId: null,
      project: { id: row.project_id, name: project?.name ?? '' },
      grants: row.grants,
      mode: row.mode,
      answerChars: row.answer_chars,
      expiresAt: row.expires_at,
      hash: row.hash,
      rateKey: `token:${row.id}`,
      rate: row.rate === null ? defaultRate() : parseRate(row.rate),
      paused: row.paused === 1,
      budget: row.budget,
      signal: life.signal,
    })
  }

  function keep(row: TokenRow, deadline: Deadline): LiveToken {
    const life = createLife()
    const token: LiveToken = {
      id: row.id,
      hash: row.hash,
      projectId: row.project_id,
      deadline,
      life,
      principal: principalOf(row, life),
      generation,
    }
    byId.set(row.id, token)
    if (row.hash !== null) byHash.set(row.hash, token)
    return token
  }

  function end(id: number): number {
    if (!barred.has(id)) onChange?.()
    barred.add(id)
    const token = byId.get(id)
    if (token === undefined) return 0
    byId.delete(id)
    if (token.hash !== null) byHash.delete(token.hash)
    return token.life.end()
  }

  /** Returns the token with its current grants, or null if it has expired. */
  function current(token: LiveToken): LiveToken | null {
    if (lifetime.isExpired(token.deadline)) {
      onExpired(token.id)
      lifetime.passed(token.deadline)
      return null
    }
    if (token.generation === generation) return token
    const row = store.read.tokenById(token.id)
    if (row === null || row.revoked_at !== null) {
      onExpired(token.id)
      return null
    }
    token.principal = principalOf(row, token.life)
    token.generation = generation
    return token
  }

  function byRow(row: TokenRow): LiveToken | 'ended' {
    if (row.revoked_at !== null || barred.has(row.id)) return 'ended'
    return current(byId.get(row.id) ?? keep(row, lifetime.restored(row.expires_at))) ?? 'ended'
  }

  /** Returns whether the overlap after a rotation has ended. */
  function hasOverlapEnded({ former_until: until }: TokenRow): boolean {
    return until === null || lifetime.now() >= until
  }

  return {
    get generation() {
      return generation
    },
    invalidate() {
      generation += 1
    },
    byHash(hash) {
      const token = byHash.get(hash)
      if (token !== undefined) return current(token) ?? 'ended'
      const row = store.read.tokenByHash(hash)
      if (row !== null) return row.hash !== hash && hasOverlapEnded(row) ? 'ended' : byRow(row)
      return deleted.has(hash) ? 'ended' : null
    },
    byRow,
    byId(id) {
      const token = byId.get(id)
      return token === undefined ? null : current(token)
    },
    add(row) {
      barred.delete(row.id)
      onChange?.()
      return keep(row, lifetime.deadline(row.expires_at))
    },
    replace(row) {
      // Keeps the existing deadline: recomputing it with a wall clock that was set back would move it.
      const deadline = byId.get(row.id)?.deadline ?? lifetime.restored(row.expires_at)
      const cut = end(row.id)
      barred.delete(row.id)
      keep(row, deadline)
      return cut
    },
    rehash(row) {
      const token = byId.get(row.id)
      if (token === undefined) return
      if (token.hash !== null) byHash.delete(token.hash)
      token.hash = row.hash
      if (row.hash !== null) byHash.set(row.hash, token)
      token.principal = principalOf(row, token.life)
      onChange?.()
    },
    extend(row) {
      const token = byId.get(row.id)
      if (token === undefined) return
      token.deadline = lifetime.deadline(row.expires_at)
      token.principal = principalOf(row, token.life)
      token.generation = generation
      onChange?.()
    },
    live: () => byId.values(),
    end,
    remember({ hash, name, project_id: id }, state) {
      const project = store.read.projects().find((one) => one.id === id)
      if (hash !== null) deleted.add(hash, { project: project?.name ?? '', name, parent: null, state })
    },
    remembered: (hash) => deleted.get(hash),
  }
}
