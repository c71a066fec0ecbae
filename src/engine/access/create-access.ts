import { invalidRequest } from '../../contract/errors.ts'
import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'
import type { TokenRow } from '../store/rows.ts'
import type { Access, AccessChange, Ended } from './access.ts'
import { sessionRecord, tokenRecord } from './tokens/access-records.ts'
import { startHousekeeping } from './housekeeping.ts'
import { countBelow } from './sessions/count-below.ts'
import { createLastUsed } from './tokens/last-used.ts'
import { createLifetime } from './tokens/lifetime.ts'
import { rightsWithin, sessionSeconds } from './sessions/mint-rights.ts'
import type { Principal, RateLimit } from './principal.ts'
import { createPrincipals } from './tokens/principals.ts'
import { DEFAULT_RATE } from './rate-limiter.ts'
import { accessPaused, connectionRemoved, describePrincipal, invalidToken, pausedMidway } from './sentences.ts'
import { quote, listed, tokenExpired, unauthorized, unknownName } from './sentences.ts'
import { mintInto } from './sessions/session-minting.ts'
import { createSessionTable, isSpent } from './sessions/session-table.ts'
import { expiryOf } from './tokens/time-to-live.ts'
import { newAccessToken, parseCredential } from '../text/token-format.ts'
import { cloneGrants, prepareToken, projectNamed } from './tokens/prepare-token.ts'
import { createTokenTable } from './tokens/token-table.ts'
import { createTokenUpdates } from './tokens/token-updates.ts'

const PAUSED_SETTING = 'paused'

function sum(one: Ended, other: Ended): Ended {
  return {
    sessions_ended: one.sessions_ended + other.sessions_ended,
    requests_cut: one.requests_cut + other.requests_cut,
  }
}

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
    onExpired: (id) => void endTree(id),
  })
  const principals = createPrincipals({ store, tokens, sessions, defaultRate })
  const lastUsed = createLastUsed(store.write)
  // A pause survives a restart.
  let paused = store.read.setting(PAUSED_SETTING) === 'yes'

  /** Ends a token and its session tokens. */
  function endTree(id: number): Ended {
    const requestsCut = tokens.end(id)
    const below = sessions.end((session) => session.tokenId === id)
    return { sessions_ended: below.sessions_ended, requests_cut: requestsCut + below.requests_cut }
  }

  function use(principal: Principal): Principal {
    if (principal.tokenId !== null) lastUsed.touch(principal.tokenId, lifetime.now())
    onChange?.('use')
    return principal
  }

  function tokenNamed(project: string, name: string): TokenRow {
    const row = store.read.token(projectNamed(store, project).id, name)
    if (row === null) throw unknownName('token', name)
    return row
  }

  function revoke(row: TokenRow): Ended {
    const ended = endTree(row.id)
    if (row.revoked_at === null) store.write.revokeToken(row.id, lifetime.now())
    return ended
  }

  function remove(row: TokenRow): Ended {
    const ended = endTree(row.id)
    lastUsed.forget(row.id)
    if (row.hash !== null) tokens.remember(row.hash)
    store.write.deleteToken(row.id)
    return ended
  }

  function recordOf(row: TokenRow, project: string) {
    return tokenRecord(row, project, lastUsed.pending(row.id) ?? row.last_used_at, tokens.byRow(row) === 'ended')
  }

  /** Returns the row of an active token. */
  function activeToken(project: string, name: string): TokenRow {
    const row = tokenNamed(project, name)
    if (tokens.byRow(row) !== 'ended') return row
    throw invalidRequest(
      `Token ${quote(name)} ${row.revoked_at === null ? 'has expired' : 'was revoked'} and can't be changed. Create a new one.`,
      'name',
    )
  }

  const housekeeping = startHousekeeping({
    ...options,
    sweep() {
      sessions.sweep()
      for (const token of tokens.live()) tokens.byId(token.id)
    },
    flush() {
      lastUsed.flush()
      lifetime.save()
    },
  })

  return {
    identify(bearer) {
      const found = principals.find(bearer)
      if (found === null) throw invalidToken()
      if (found === 'ended') throw tokenExpired()
      if (paused) throw accessPaused()
      if (found.session !== null) found.session.requests += 1
      return use(found.principal)
    },

    recognise(bearer) {
      const found = principals.find(bearer)
      return found === null || found === 'ended' ? null : found.principal
    },

    ownerOf(bearer) {
      const credential = parseCredential(bearer)
      const row = credential?.kind === 'access' ? store.read.tokenByHash(credential.hash) : null
      if (row === null) return null
      const project = store.read.projects().find(({ id }) => id === row.project_id)
      return { project: project?.name ?? '', name: row.name, kind: 'access' }
    },

    identifyLocal(project, name) {
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
        throw invalidRequest(`Project ${quote(project)} has several local tokens: ${names}.`, 'token', {
          reason: 'several_local_tokens',
        })
      }
      if (paused) throw accessPaused()
      return use(only.principal)
    },

    refresh(principal) {
      const now = principals.current(principal)
      if (paused) throw accessPaused()
      return now
    },

    enter: (principal, request) => principals.lifeOf(principal).enter(request),

    mintSession(asking, request) {
      if (asking.kind === 'session')
        throw unauthorized('Permission denied: a session token cannot mint another session token.')
      const parent = principals.current(asking)
      if (paused) throw accessPaused()
      const seconds = sessionSeconds(request.ttl_seconds)
      const rights = rightsWithin(
        parent.grants,
        request,
        store.read.connections(parent.project.id),
        describePrincipal(parent),
      )
      const maxRequests = request.max_requests ?? null
      return mintInto(sessions, lifetime, { parent, rights, seconds, maxRequests, generation: tokens.generation })
    },

    mintOwnerSession({ project: name, connection, permissions, ttlSeconds, resources, label }) {
      const { id } = projectNamed(store, name)
      const seconds = sessionSeconds(ttlSeconds)
      const included = store.read.connections(id)
      if (!included.some((row) => row.name === connection)) {
        throw unknownName('connection', connection, 'document', ` in project ${quote(name)}`)
      }
      const request = { connection, permissions, ...(resources === undefined ? {} : { resources }) }
      const rights = rightsWithin(cloneGrants(included), request, included, 'the owner')
      const parent = { tokenId: null, name: 'owner', project: { id, name }, expiresAt: null, rateKey: null, rate }
      return mintInto(sessions, lifetime, {
        parent,
        rights,
        seconds,
        maxRequests: null,
        label,
        generation: tokens.generation,
      })
    },

    endSession(id) {
      if (sessions.byId(id) === null) throw unknownName('session', id)
      return sessions.end((session) => session.id === id)
    },

    endAllSessions: () => sessions.end(() => true),

    sessions(project) {
      const live = sessions
        .live()
        .filter((session) => !isSpent(session) && (project === undefined || session.project.name === project))
      return live.map(sessionRecord)
    },

    createToken(request) {
      const { row, secret } = prepareToken(store, lifetime, request)
      const old = store.read.token(row.project_id, row.name)
      if (old !== null) remove(old)
      const created = store.write.createToken(row)
      tokens.add(created)
      return { token: recordOf(created, request.project), secret }
    },

    ...createTokenUpdates({ store, lifetime, tokens, sessions, activeToken, recordOf }),

    revokeToken: (project, name) => revoke(tokenNamed(project, name)),
    deleteToken: (project, name) => remove(tokenNamed(project, name)),

    rotateToken(project, name) {
      const row = activeToken(project, name)
      if (row.kind !== 'access')
        throw invalidRequest(
          `Token ${quote(name)} is ${row.kind === 'local' ? 'a local' : 'an OAuth'} token, so it has no secret to rotate.`,
          'name',
        )
      const made = newAccessToken()
      // Written first: if the write fails, nothing has changed and the old secret still works. The steps up to here are
      // synchronous.
      store.write.setTokenSecret(row.id, made.prefix, made.hash)
      if (row.hash !== null) tokens.remember(row.hash)
      const next = tokenNamed(project, name)
      const requestsCut = tokens.replace(next)
      const below = sessions.end((session) => session.tokenId === row.id)
      const ended = { sessions_ended: below.sessions_ended, requests_cut: requestsCut + below.requests_cut }
      return { token: recordOf(next, project), secret: made.token, ended }
    },

    extendToken(project, name, ttl) {
      const { id } = activeToken(project, name)
      store.write.setTokenExpiry(id, expiryOf(ttl, lifetime.now()))
      const next = tokenNamed(project, name)
      tokens.extend(next)
      return recordOf(next, project)
    },

    below: (root) => countBelow({ store, tokens, sessions }, root),

    endProject(name) {
      const project = projectNamed(store, name)
      const rows = store.read.tokens(project.id)
      // Ends all of them in memory first, so that a revocation that can't be written doesn't leave the remaining tokens
      // active.
      const below = rows.map((row) => endTree(row.id))
      for (const { hash } of rows) if (hash !== null) tokens.remember(hash)
      const ended = [...below, sessions.end((session) => session.project.id === project.id)].reduce(sum)
      for (const row of rows) if (row.revoked_at === null) store.write.revokeToken(row.id, lifetime.now())
      return ended
    },

    endConnection(name, project) {
      const connection = store.read.connection(name)
      if (connection === null) throw unknownName('connection', name)
      const names = project === undefined ? store.read.projectsOf(connection.id) : [project]
      const projects = names.map((each) => projectNamed(store, each).id)
      const removed = connectionRemoved(name)
      const ended = sessions.end(
        (session) => session.connection === name && projects.includes(session.project.id),
        removed,
      )
      for (const token of tokens.live()) {
        if (projects.includes(token.projectId)) ended.requests_cut += token.life.cut(name, removed)
      }
      // Excluded here rather than later by the caller, because grants that are read again in between would outlive the
      // exclusion.
      for (const id of projects) store.write.exclude(id, connection.id)
      tokens.invalidate()
      return ended
    },

    tokens(project) {
      const projects = project === undefined ? store.read.projects() : [projectNamed(store, project)]
      return projects.flatMap(({ id, name }) => store.read.tokens(id).map((row) => recordOf(row, name)))
    },

    pause() {
      paused = true
      const error = pausedMidway()
      for (const token of tokens.live()) token.life.interrupt(error)
      for (const session of sessions.live()) session.life.interrupt(error)
      onChange?.('state')
      store.write.setSetting(PAUSED_SETTING, 'yes')
    },
    resume() {
      store.write.setSetting(PAUSED_SETTING, 'no')
      paused = false
      onChange?.('state')
    },
    setDefaultRate(next) {
      rate = next
      tokens.invalidate()
    },
    get paused() {
      return paused
    },

    flush: () => housekeeping.flush(),
    close() {
      housekeeping.stop()
      sessions.end(() => true)
      for (const token of tokens.live()) token.life.end()
      lastUsed.flush()
      lifetime.save(true)
    },
  }
}
