import type { SessionRecord, TokenRecord } from '../../../contract/records.ts'
import type { BudgetUsed } from '../../../contract/tokens/token-budget.ts'
import type { OwnAnswerChars } from '../../../contract/settings.ts'
import type { TokenRow } from '../../store/rows.ts'
import type { LiveSession, SessionEnd } from '../sessions/session-table.ts'

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

/** Returns a stored maximum length in the form of the owner API. */
export function ownAnswerChars(stored: number | null): OwnAnswerChars {
  return stored === 0 ? 'off' : stored
}

/** Returns a maximum length in its stored form: 0 for no limit. */
export function storedAnswerChars(chosen: OwnAnswerChars): number | null {
  return chosen === 'off' ? 0 : chosen
}

interface TokenState {
  lastUsed: number | null
  /** True if it expired without being revoked. */
  ended: boolean
  used: BudgetUsed
}

export function tokenRecord(row: TokenRow, project: string, { lastUsed, ended, used }: TokenState): TokenRecord {
  return {
    name: row.name,
    project,
    kind: row.kind,
    prefix: row.prefix,
    grants: row.grants,
    rate: row.rate,
    mode: row.mode,
    answer_chars: ownAnswerChars(row.answer_chars),
    created_at: instant(row.created_at),
    last_used_at: lastUsed === null ? null : instant(lastUsed),
    expires_at: row.expires_at === null ? null : instant(row.expires_at),
    revoked_at: row.revoked_at === null ? null : instant(row.revoked_at),
    status: row.revoked_at !== null ? 'revoked' : ended ? 'expired' : 'active',
    paused: row.paused === 1,
    description: row.description,
    revision: row.revision,
    budget: row.budget,
    budget_used: used,
  }
}

export function sessionRecord(session: LiveSession, ended: SessionEnd | null = null): SessionRecord {
  return {
    id: session.id,
    project: session.project.name,
    parent: session.parentName,
    of_owner: session.tokenId === null,
    connection: session.connection,
    permissions: session.permissions,
    resources: session.resources,
    created_at: instant(session.createdAt),
    expires_at: instant(session.expiresAt),
    requests: session.requests,
    max_requests: session.maxRequests,
    running: ended === null ? session.life.running : 0,
    label: session.label,
    last_used_at: session.lastUsedAt === null ? null : instant(session.lastUsedAt),
    ended_at: ended === null ? null : instant(ended.at),
    ended_by: ended?.by ?? null,
  }
}
