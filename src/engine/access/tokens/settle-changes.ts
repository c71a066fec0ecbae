import type { Grant } from '../../../contract/grants.ts'
import type { Store } from '../../store/store.ts'
import type { TokenRow } from '../../store/rows.ts'
import type { Ended, StoreChanges } from '../access.ts'
import { intersectGrants } from '../narrow.ts'
import type { SessionTable } from '../sessions/session-table.ts'
import type { Life } from './life.ts'
import { cloneGrants } from './prepare-token.ts'
import type { TokenTable } from './token-table.ts'
import { deniedBy, permissionRemoved } from './token-updates.ts'

interface Parts {
  store: Store
  tokens: TokenTable
  sessions: SessionTable
  /** Ends a token that was deleted, with its session tokens. */
  forget(row: TokenRow): Ended
}

/** Applies what a transaction changed in the store to the tokens and session tokens in memory. */
export function settleChanges(
  { store, tokens, sessions, forget }: Parts,
  { created = [], deleted = [], renamed, renamedConnection }: StoreChanges,
): Ended {
  const total: Ended = { sessions_ended: 0, requests_cut: 0 }
  const add = (ended: Ended): void => {
    total.sessions_ended += ended.sessions_ended
    total.requests_cut += ended.requests_cut
  }
  const cut = (life: Life, grants: readonly Grant[]): void => {
    const denied = deniedBy(grants)
    total.requests_cut += life.runningWhere(denied)
    life.cutWhere(denied, permissionRemoved())
  }
  tokens.invalidate()
  for (const row of deleted) add(forget(row))
  for (const token of tokens.live()) {
    const row = store.read.tokenById(token.id)
    if (row === null) continue
    if (row.expires_at !== token.principal.expiresAt) tokens.extend(row)
    cut(token.life, row.grants)
  }
  if (renamed !== undefined)
    add(
      sessions.end((session) =>
        'projectId' in renamed ? session.project.id === renamed.projectId : session.tokenId === renamed.tokenId,
      ),
    )
  if (renamedConnection !== undefined) sessions.renameConnection(renamedConnection.from, renamedConnection.to)
  for (const session of sessions.live()) {
    const held =
      session.tokenId === null
        ? cloneGrants(store.read.connections(session.project.id))
        : (store.read.tokenById(session.tokenId)?.grants ?? [])
    const left = intersectGrants(session.own, held)
    if (left.length === 0) add(sessions.end((one) => one === session, permissionRemoved()))
    else cut(session.life, left)
  }
  for (const row of created) tokens.add(row)
  return total
}
