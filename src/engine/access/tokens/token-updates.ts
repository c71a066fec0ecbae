import { HallpassError, invalidRequest } from '../../../contract/errors.ts'
import type { Grant } from '../../../contract/grants.ts'
import type { TokenBudget } from '../../../contract/tokens/token-budget.ts'
import type { Permit, TokenEffects, TokenRecord } from '../../../contract/records.ts'
import type { Store } from '../../store/store.ts'
import type { TokenRow, TokenValues } from '../../store/rows.ts'
import { decide } from '../decide.ts'
import type { Principal } from '../principal.ts'
import { intersectGrants } from '../narrow.ts'
import { parseRate } from '../rate-limiter.ts'
import { tokenExpired, tokenPausedMidway } from '../sentences.ts'
import { isSpent, type LiveSession, type SessionTable } from '../sessions/session-table.ts'
import type { RunningRequest } from '../access.ts'
import type { Life } from './life.ts'
import type { Lifetime } from './lifetime.ts'
import { permitsGained, permitsLost } from './permits.ts'
import { storedAnswerChars } from './access-records.ts'
import { storedBudget } from './budgets.ts'
import { expiryOf } from './time-to-live.ts'
import { checkGrants, projectNamed } from './prepare-token.ts'
import type { TokenTable } from './token-table.ts'

/** Omitted fields don't change. If `rate`, `mode` or `answer_chars` is null, the default of the settings or the project
 * applies. */
interface TokenChanges {
  /** Ends its session tokens, because they have its name. */
  name?: string | undefined
  description?: string | undefined
  grants?: Grant[] | undefined
  ttl?: string | undefined
  /** An ISO timestamp in place of `ttl`. Null for never. */
  expires_at?: string | null | undefined
  rate?: string | null | undefined
  mode?: TokenRecord['mode'] | undefined
  answer_chars?: TokenRecord['answer_chars'] | undefined
  /** Null for no limit. */
  budget?: TokenBudget | null | undefined
  /** A paused token's requests get PAUSED, also those of its session tokens. Running ones are interrupted. */
  paused?: boolean | undefined
}

/** An update based on the token as of `revision`. */
interface TokenUpdate {
  project: string
  name: string
  revision: number
  set: TokenChanges
}

export interface TokenUpdates {
  /** Returns what `updateToken` with the same input would do, without changing anything. */
  previewTokenUpdate(update: TokenUpdate): Promise<UpdatePreview>
  /**
   * Saves all changes or none. Removed permissions end with this call: session tokens are limited to what remains,
   * those without any access end, and running requests that needed them are interrupted. Throws INVALID_REQUEST for an
   * outdated revision.
   */
  updateToken(update: TokenUpdate): Promise<{ token: TokenRecord; effects: TokenEffects }>
}

/** What an update does, and the token's principal as it is and as the update would make it. */
export interface UpdatePreview {
  effects: TokenEffects
  before: Principal
  after: Principal
}

interface Parts {
  store: Store
  lifetime: Lifetime
  tokens: TokenTable
  sessions: SessionTable
  /** Returns the row of an active token. Throws INVALID_REQUEST for any other. */
  activeToken(project: string, name: string): TokenRow
  recordOf(row: TokenRow, project: string): TokenRecord
}

interface Plan {
  values: TokenValues
  effects: TokenEffects
  ended: LiveSession[]
  /** Principals with running requests that the new grants deny. */
  cuts: { life: Life; denied: (request: RunningRequest) => boolean }[]
}

export function createTokenUpdates(parts: Parts): TokenUpdates {
  const { store, lifetime, tokens, sessions } = parts

  /** Names differ by more than their case. */
  function requireFreeName(row: TokenRow, name: string): void {
    if (name === row.name) return
    const isTaken = store.read
      .tokens(row.project_id)
      .some((one) => one.id !== row.id && one.name.toLowerCase() === name.toLowerCase())
    if (isTaken) throw invalidRequest(`Token "${name}" already exists in this project.`, 'name', { reason: 'exists' })
  }

  function plan(row: TokenRow, { project, revision, set }: TokenUpdate): Plan {
    if (row.revision !== revision) throw changedElsewhere()
    const values = valuesOf(store, lifetime, row, project, set)
    requireFreeName(row, values.name ?? row.name)
    const ended: LiveSession[] = []
    const narrowed: TokenEffects['sessions_narrowed'] = []
    const cuts: Plan['cuts'] = []
    const own = tokens.byId(row.id)
    const pausing = values.paused === 1 && row.paused === 0
    if (own !== null) cuts.push({ life: own.life, denied: pausing ? () => true : deniedBy(values.grants) })
    for (const session of sessions.live()) {
      if (session.tokenId !== row.id) continue
      if (values.name !== row.name) {
        ended.push(session)
        continue
      }
      if (pausing) cuts.push({ life: session.life, denied: () => true })
      if (isSpent(session)) continue
      const after = intersectGrants(session.own, values.grants)
      const lost: Permit[] = permitsLost(intersectGrants(session.own, row.grants), after)
      if (lost.length === 0) continue
      if (after.length === 0) ended.push(session)
      else {
        narrowed.push({ id: session.id, lost })
        if (!pausing) cuts.push({ life: session.life, denied: deniedBy(after) })
      }
    }
    const interrupted = cuts.reduce((count, { life, denied }) => count + life.runningWhere(denied), 0)
    return {
      values,
      ended,
      cuts,
      effects: {
        added: permitsGained(row.grants, values.grants),
        removed: permitsLost(row.grants, values.grants),
        sessions_narrowed: narrowed,
        sessions_ended: ended.filter((session) => !isSpent(session)).map(({ id }) => id),
        requests_cut: ended.reduce((count, { life }) => count + life.running, interrupted),
      },
    }
  }

  return {
    async previewTokenUpdate(update) {
      const row = parts.activeToken(update.project, update.name)
      const { effects, values } = plan(row, update)
      const before = tokens.byId(row.id)?.principal
      if (before === undefined) throw tokenExpired()
      return { effects, before, after: { ...before, grants: values.grants, mode: values.mode } }
    },
    async updateToken(update) {
      const row = parts.activeToken(update.project, update.name)
      const { values, effects, ended, cuts } = plan(row, update)
      if (!store.write.updateToken(row.id, row.project_id, row.revision, values)) throw changedElsewhere()
      tokens.invalidate()
      const next = store.read.tokenById(row.id)
      if (next === null) throw new Error('A token just updated cannot be read.')
      if (next.expires_at !== row.expires_at) tokens.extend(next)
      else tokens.byId(row.id)
      const error = next.paused > row.paused ? tokenPausedMidway() : permissionRemoved()
      for (const { life, denied } of cuts) life.cutWhere(denied, error)
      sessions.end((session) => ended.includes(session))
      return { token: parts.recordOf(next, update.project), effects }
    },
  }
}

function valuesOf(store: Store, lifetime: Lifetime, row: TokenRow, project: string, set: TokenChanges): TokenValues {
  const included = store.read.connections(row.project_id)
  if (set.rate !== undefined && set.rate !== null) parseRate(set.rate)
  return {
    name: set.name ?? row.name,
    description: set.description ?? row.description,
    grants:
      set.grants === undefined ? row.grants : checkGrants(set.grants, included, projectNamed(store, project).name),
    rate: set.rate === undefined ? row.rate : set.rate,
    mode: set.mode === undefined ? row.mode : set.mode,
    answer_chars: set.answer_chars === undefined ? row.answer_chars : storedAnswerChars(set.answer_chars),
    budget: set.budget === undefined ? row.budget : storedBudget(set.budget),
    paused: set.paused === undefined ? row.paused : Number(set.paused),
    expires_at: chosenExpiry(set, row, lifetime.now()),
  }
}

function chosenExpiry({ ttl, expires_at: at }: TokenChanges, row: TokenRow, now: number): number | null {
  if (ttl !== undefined && at !== undefined) throw invalidRequest('Use either ttl or expires_at, not both.', 'ttl')
  if (at === null) return null
  if (at !== undefined) {
    try {
      return expiryOf(at, now)
    } catch (thrown) {
      throw thrown instanceof HallpassError ? thrown.reworded(thrown.message, { field: 'expires_at' }) : thrown
    }
  }
  return ttl === undefined ? row.expires_at : expiryOf(ttl, now)
}

/** A request whose demand is unknown is interrupted only if no grant on its connection remains. */
export function deniedBy(grants: readonly Grant[]): (request: RunningRequest) => boolean {
  return ({ demand, connection }) => {
    if (demand !== undefined) return !decide(grants, demand).allowed
    return connection !== null && !grants.some((grant) => grant.connection === connection)
  }
}

export function changedElsewhere(): HallpassError {
  return invalidRequest('This token changed since you opened it. Reload it and make your changes again.', 'revision', {
    reason: 'changed',
  })
}

export function permissionRemoved(): HallpassError {
  return new HallpassError(
    'UNAUTHORIZED',
    "Permission denied: the owner changed this token's permissions while the request was running.",
    { reason: 'permission_removed', upstreamBlameless: true },
  )
}
