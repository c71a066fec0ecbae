import type { Permission } from '../../../../contract/grants.ts'
import type { SessionRecord, TokenRecord } from '../../../../contract/records.ts'

export const STATES = ['active', 'paused', 'ended', 'all'] as const

export interface TokenFilter {
  search: string
  state: (typeof STATES)[number]
  permission: Permission
  /** Shows only tokens that have `permission` on something there. */
  connection: string | null
}

export const NO_FILTER: TokenFilter = { search: '', state: 'active', permission: 'read', connection: null }

const ENDED_MS = 30 * 86_400_000

export function isFiltered(filter: TokenFilter): boolean {
  return filter.search !== '' || filter.state !== NO_FILTER.state || filter.connection !== null
}

export function matches(token: TokenRecord, filter: TokenFilter, now: number): boolean {
  return hasState(token, filter.state, now) && hasText(token, filter.search) && can(token, filter)
}

/** Whether session tokens are listed too: ended ones only where ended tokens are. */
export function showsSession(session: SessionRecord, { state }: Pick<TokenFilter, 'state'>): boolean {
  return session.ended_at === null ? state !== 'ended' : state === 'ended' || state === 'all'
}

function hasState(
  { status, paused, expires_at: expires, revoked_at: revoked }: TokenRecord,
  state: TokenFilter['state'],
  now: number,
) {
  if (state === 'all') return true
  if (state === 'paused') return status === 'active' && paused
  if (state === 'active') return status === 'active'
  return status !== 'active' && now - Date.parse(revoked ?? expires ?? '') < ENDED_MS
}

function hasText({ name, description, grants }: TokenRecord, search: string): boolean {
  const text = search.trim().toLowerCase()
  return (
    text === '' ||
    [name, description, ...grants.map(({ connection }) => connection)].some((one) => one.toLowerCase().includes(text))
  )
}

function can({ grants }: TokenRecord, { permission, connection }: TokenFilter): boolean {
  return (
    connection === null ||
    grants.some((grant) => grant.connection === connection && grant.permissions.includes(permission))
  )
}
