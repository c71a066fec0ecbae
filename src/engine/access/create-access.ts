import { invalidRequest } from '../../contract/errors.ts'
import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'
import { parseCredential, shownPrefix } from '../text/token-format.ts'
import { createAccessPause } from './access-pause.ts'
import type { Access, AccessChange } from './access.ts'
import { startHousekeeping } from './housekeeping.ts'
import { createOwnerAccess, endToken } from './owner-access.ts'
import type { Principal, RateLimit } from './principal.ts'
import { DEFAULT_RATE } from './rate-limiter.ts'
import {
  accessPaused,
  describePrincipal,
  invalidToken,
  listed,
  pausedMidway,
  quote,
  tokenExpired,
  tokenPaused,
  unauthorized,
} from './sentences.ts'
import { accessWithin, sessionSeconds } from './sessions/session-access.ts'
import { mintInto } from './sessions/session-minting.ts'
import { createSessionTable } from './sessions/session-table.ts'
import { createBudgets } from './tokens/budgets.ts'
import { createLastUsed } from './tokens/last-used.ts'
import { createLifetime } from './tokens/lifetime.ts'
import { projectNamed } from './tokens/prepare-token.ts'
import { createPrincipals } from './tokens/principals.ts'
import { createTokenTable } from './tokens/token-table.ts'

export interface AccessOptions {
  store: Store
  clock: Clock
  /** For tokens without an individual rate limit. Default: 6,000 per minute. */
  defaultRate?: RateLimit
  onChange?: (what: AccessChange) => void
  /** How often expired tokens are looked for, to interrupt their requests. */
  sweepMs?: number
  /** How often last-used timestamps are written. */
  flushMs?: number
  /** Called for background writes that failed. They are retried. */
  onFailure?: (error: unknown) => void
}

export function createAccess({ store, clock, onChange, ...options }: AccessOptions): Access {
  let rate = options.defaultRate ?? DEFAULT_RATE
  const defaultRate = (): RateLimit => rate
  const lifetime = createLifetime({ clock, store })
  const sessions = createSessionTable({ lifetime, onChange: () => onChange?.('sessions') })
  const tokens = createTokenTable({
    store,
    lifetime,
    defaultRate,
    onChange: () => onChange?.('tokens'),
    onExpired: (id) => void endToken({ tokens, sessions }, id),
  })
  const principals = createPrincipals({ store, tokens, sessions, defaultRate })
  const lastUsed = createLastUsed(store.write)
  const budgets = createBudgets(store, lifetime)
  const owner = createOwnerAccess({ store, lifetime, tokens, sessions, lastUsed, budgets, rate: defaultRate })
  const pause = createAccessPause(store, clock)

  function use(principal: Principal): Principal {
    if (principal.tokenId !== null) lastUsed.touch(principal.tokenId, lifetime.now())
    onChange?.('use')
    return principal
  }

  const housekeeping = startHousekeeping({
    ...options,
    sweep() {
      sessions.sweep()
      for (const token of tokens.live()) tokens.byId(token.id)
    },
    flush() {
      lastUsed.flush()
      budgets.flush()
      lifetime.save()
    },
  })

  function requireOpen(principal: Principal): void {
    if (pause.on) throw accessPaused()
    if (principal.paused === true) throw tokenPaused(principal)
  }

  function admit(principal: Principal): Principal {
    requireOpen(principal)
    const session = principal.sessionId === null ? null : sessions.byId(principal.sessionId)
    if (session !== null) {
      session.requests += 1
      session.lastUsedAt = lifetime.now()
    }
    return use(principal)
  }

  function findLocal(project: string, name?: string): Principal {
    const { id } = projectNamed(store, project)
    const local = store.read
      .tokens(id)
      .filter((row) => row.kind === 'local' && (name === undefined || row.name === name))
    const live = local.map((row) => tokens.byRow(row)).filter((token) => token !== 'ended')
    const [only] = live
    if (only === undefined && name !== undefined && local.length > 0) throw tokenExpired()
    if (only === undefined) {
      const create = (token: string) =>
        `hallpass create token ${token} -p ${project} --local --bind role:viewer,connection:NAME`
      const sentence =
        name === undefined
          ? `Project ${quote(project)} has no active local token. Create one: ${create('NAME')}`
          : `Project ${quote(project)} has no local token ${quote(name)}. Choose another with --as, or create it: ${create(name)}`
      throw invalidRequest(sentence, 'token')
    }
    if (live.length > 1) {
      const names = listed(live.map((token) => token.principal.name))
      throw invalidRequest(
        `Project ${quote(project)} has several local tokens: ${names}. Choose one with --as.`,
        'token',
        {
          reason: 'several_local_tokens',
        },
      )
    }
    return only.principal
  }

  return {
    identify(bearer) {
      const found = principals.find(bearer)
      if (found === null) throw invalidToken()
      if (found === 'ended') throw tokenExpired()
      return admit(found.principal)
    },

    admit,

    recognize(bearer) {
      const found = principals.find(bearer)
      return found === null || found === 'ended' ? null : found.principal
    },

    ownerOf(bearer) {
      const credential = parseCredential(bearer)
      if (credential === null) return null
      const sent = { ...credential, prefix: shownPrefix(bearer) }
      const unknown = { project: null, name: null, parent: null, state: 'unknown' } as const
      const { kind, hash } = credential
      if (kind === 'session') return { ...(sessions.remembered(hash) ?? unknown), ...sent }
      const row = store.read.tokenByHash(hash)
      if (row === null) return { ...(tokens.remembered(hash) ?? store.read.formerToken(hash) ?? unknown), ...sent }
      const project = store.read.projects().find(({ id }) => id === row.project_id)
      // The old secret of a rotated token is found by its hash, too.
      const state = row.revoked_at !== null ? 'revoked' : row.hash === hash ? 'expired' : 'rotated'
      return { project: project?.name ?? '', name: row.name, parent: null, state, ...sent }
    },

    identifyLocal(project, name) {
      const principal = findLocal(project, name)
      requireOpen(principal)
      return use(principal)
    },

    recognizeLocal: findLocal,

    refresh(principal) {
      const now = principals.current(principal)
      requireOpen(now)
      return now
    },

    requireBudget: (principal) => budgets.requireLeft(principal),
    spend({ tokenId }, used) {
      if (tokenId !== null) budgets.add(tokenId, used)
    },

    enter: (principal, request) => principals.lifeOf(principal).enter(request),

    mintSession(asking, request) {
      if (asking.kind === 'session')
        throw unauthorized('Permission denied: a session token cannot mint another session token.')
      const parent = principals.current(asking)
      requireOpen(parent)
      const seconds = sessionSeconds(request.ttl_seconds)
      const granted = accessWithin(
        parent.grants,
        request,
        store.read.connections(parent.project.id),
        describePrincipal(parent),
      )
      const maxRequests = request.max_requests ?? null
      return mintInto(sessions, lifetime, { parent, granted, seconds, maxRequests, generation: tokens.generation })
    },

    ...owner,

    async pause(by = 'owner') {
      pause.begin(by, () => {
        const error = pausedMidway()
        for (const token of tokens.live()) token.life.interrupt(error)
        for (const session of sessions.live()) session.life.interrupt(error)
        onChange?.('state')
      })
    },
    async resume() {
      pause.end()
      onChange?.('state')
    },
    setDefaultRate(next) {
      rate = next
      tokens.invalidate()
    },
    get paused() {
      return pause.on
    },
    get pausedSince() {
      return pause.since
    },
    get pausedBy() {
      return pause.by
    },
    pausesWithin: pause.within,

    flush: () => housekeeping.flush(),
    close() {
      housekeeping.stop()
      sessions.end(() => true)
      for (const token of tokens.live()) token.life.end()
      lastUsed.flush()
      budgets.flush()
      lifetime.save(true)
    },
  }
}
