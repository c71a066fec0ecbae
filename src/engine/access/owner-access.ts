import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import type { Store } from '../store/store.ts'
import type { TokenRow } from '../store/rows.ts'
import { newAccessToken } from '../text/token-format.ts'
import type { Ended, OwnerAccess } from './access.ts'
import type { RateLimit } from './principal.ts'
import { connectionRemoved, quote, unknownName } from './sentences.ts'
import { countBelow } from './sessions/count-below.ts'
import { accessWithin, sessionSeconds } from './sessions/session-access.ts'
import { mintInto } from './sessions/session-minting.ts'
import { isSpent, type SessionTable } from './sessions/session-table.ts'
import { sessionRecord, tokenRecord } from './tokens/access-records.ts'
import type { Budgets } from './tokens/budgets.ts'
import type { LastUsed } from './tokens/last-used.ts'
import type { Lifetime } from './tokens/lifetime.ts'
import { cloneGrants, prepareToken, projectNamed } from './tokens/prepare-token.ts'
import { expiryOf } from './tokens/time-to-live.ts'
import { settleChanges } from './tokens/settle-changes.ts'
import type { TokenTable } from './tokens/token-table.ts'
import { changedElsewhere, createTokenUpdates } from './tokens/token-updates.ts'

interface Parts {
  store: Store
  lifetime: Lifetime
  tokens: TokenTable
  sessions: SessionTable
  lastUsed: LastUsed
  budgets: Budgets
  /** Rate limit of tokens without their own. */
  rate: () => RateLimit
}

/** Ends a token and its session tokens. */
export function endToken({ tokens, sessions }: Pick<Parts, 'tokens' | 'sessions'>, id: number): Ended {
  const requestsCut = tokens.end(id)
  const below = sessions.end((session) => session.tokenId === id)
  return { sessions_ended: below.sessions_ended, requests_cut: requestsCut + below.requests_cut }
}

function sum(one: Ended, other: Ended): Ended {
  return {
    sessions_ended: one.sessions_ended + other.sessions_ended,
    requests_cut: one.requests_cut + other.requests_cut,
  }
}

export function createOwnerAccess(parts: Parts): Omit<OwnerAccess, 'pause' | 'resume'> {
  const { store, lifetime, tokens, sessions, lastUsed, budgets } = parts
  const endTree = (id: number): Ended => endToken(parts, id)

  function tokenNamed(project: string, name: string): TokenRow {
    const row = store.read.token(projectNamed(store, project).id, name)
    if (row === null) throw unknownName('token', name)
    return row
  }

  /** Ends a token that is being deleted. */
  function forget(row: TokenRow): Ended {
    const ended = endTree(row.id)
    lastUsed.forget(row.id)
    budgets.forget(row.id)
    tokens.remember(row, 'deleted')
    return ended
  }

  function recordOf(row: TokenRow, project: string) {
    return tokenRecord(row, project, {
      lastUsed: lastUsed.pending(row.id) ?? row.last_used_at,
      ended: tokens.byRow(row) === 'ended',
      used: budgets.used(row.id),
    })
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

  return {
    async mintOwnerSession({ project: name, connection, permissions, ttlSeconds, resources, label, maxRequests }) {
      const { id } = projectNamed(store, name)
      const seconds = sessionSeconds(ttlSeconds)
      const included = store.read.connections(id)
      if (!included.some((row) => row.name === connection)) {
        throw unknownName('connection', connection, 'document', ` in project ${quote(name)}`)
      }
      const request = { connection, permissions, ...(resources === undefined ? {} : { resources }) }
      const granted = accessWithin(cloneGrants(included), request, included, 'the owner')
      const parent = {
        tokenId: null,
        name: 'owner',
        project: { id, name },
        expiresAt: null,
        rateKey: null,
        rate: parts.rate(),
      }
      return mintInto(sessions, lifetime, {
        parent,
        granted,
        seconds,
        maxRequests: maxRequests ?? null,
        label,
        generation: tokens.generation,
      })
    },

    async endSession(id) {
      if (sessions.byId(id) === null) throw unknownName('session', id)
      return sessions.end((session) => session.id === id)
    },

    async endAllSessions() {
      return sessions.end(() => true)
    },

    async sessions(project, ended = false) {
      const past = ended ? sessions.ended() : []
      const live = sessions.live().filter((session) => !isSpent(session))
      return [...past, ...live.map((session) => sessionRecord(session))].filter(
        (record) => project === undefined || record.project === project,
      )
    },

    async createToken(request) {
      const { row, secret } = prepareToken(store, lifetime, request)
      const { row: created, replaced } =
        request.force === true ? store.write.replaceToken(row) : { row: store.write.createToken(row), replaced: null }
      if (replaced !== null) forget(replaced)
      tokens.add(created)
      return { token: recordOf(created, request.project), secret }
    },

    ...createTokenUpdates({ store, lifetime, tokens, sessions, activeToken, recordOf }),

    async revokeToken(project, name) {
      const row = tokenNamed(project, name)
      const ended = endTree(row.id)
      if (row.revoked_at === null) untilRestart(row.name, () => store.write.revokeToken(row.id, lifetime.now()))
      return ended
    },
    async deleteToken(project, name) {
      const row = tokenNamed(project, name)
      const ended = forget(row)
      store.write.deleteToken(row.id)
      return ended
    },

    async rotateToken(project, name, overlapSeconds) {
      const row = activeToken(project, name)
      if (row.kind !== 'access')
        throw invalidRequest(
          `Token ${quote(name)} is ${row.kind === 'local' ? 'a local' : 'an OAuth'} token, so it has no secret to rotate.`,
          'name',
        )
      const newToken = newAccessToken()
      const overlapUntil = overlapSeconds === undefined ? null : lifetime.now() + overlapSeconds * 1000
      // Written first: if the write fails, nothing has changed and the old secret still works.
      if (!store.write.rotateToken(row.id, row.hash, newToken, overlapUntil)) throw changedElsewhere()
      tokens.remember(row, 'rotated')
      const next = tokenNamed(project, name)
      if (overlapUntil !== null) {
        tokens.rehash(next)
        return { token: recordOf(next, project), secret: newToken.token, ended: { sessions_ended: 0, requests_cut: 0 } }
      }
      const requestsCut = tokens.replace(next)
      const below = sessions.end((session) => session.tokenId === row.id)
      const ended = { sessions_ended: below.sessions_ended, requests_cut: requestsCut + below.requests_cut }
      return { token: recordOf(next, project), secret: newToken.token, ended }
    },

    async extendToken(project, name, ttl) {
      const { id, revision } = activeToken(project, name)
      if (!store.write.extendToken(id, revision, expiryOf(ttl, lifetime.now()))) throw changedElsewhere()
      const next = tokenNamed(project, name)
      tokens.extend(next)
      return recordOf(next, project)
    },

    async below(root) {
      return countBelow({ store, tokens, sessions }, root)
    },

    async deleteProject(name) {
      const project = projectNamed(store, name)
      const rows = store.read.tokens(project.id)
      // Ends all of them in memory first, so that a failed write leaves none of them active.
      const below = rows.map((row) => forget(row))
      const ended = [...below, sessions.end((session) => session.project.id === project.id)].reduce(sum)
      store.write.deleteProject(project.id)
      return ended
    },

    async endConnection(name, project) {
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
      store.write.exclude(projects, connection.id)
      tokens.invalidate()
      return ended
    },

    async settle(changes) {
      return settleChanges({ store, tokens, sessions, forget }, changes)
    },

    async tokens(project) {
      const projects = project === undefined ? store.read.projects() : [projectNamed(store, project)]
      return projects.flatMap(({ id, name }) => store.read.tokens(id).map((row) => recordOf(row, name)))
    },
  }
}

/** If the revocation can't be stored, the token is revoked for this run only, and the error says so. */
function untilRestart(name: string, write: () => void): void {
  try {
    write()
  } catch (thrown) {
    if (!(thrown instanceof HallpassError)) throw thrown
    throw thrown.reworded(
      `Token ${quote(name)} is revoked until Hallpass restarts, but that couldn't be saved. ${thrown.message.replace(' Nothing was changed.', '')}`,
      { cause: thrown },
    )
  }
}
