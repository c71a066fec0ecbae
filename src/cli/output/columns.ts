import type { Grant } from '../../contract/grants.ts'
import type {
  ClientRecord,
  ConnectionRecord,
  Health,
  ProjectRecord,
  RequestRecord,
  SessionRecord,
  TokenRecord,
} from '../../contract/records.ts'
import type { OwnAnswerChars } from '../../contract/settings.ts'
import { timestamp, type Column } from './output.ts'

export const PROJECT_COLUMNS: Column<ProjectRecord>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'CONNECTIONS', value: (row) => row.connections.join(',') },
  { title: 'TOKENS', value: (row) => row.tokens },
  { title: 'MCP', value: toolsShown },
  { title: 'CREATED', value: (row) => timestamp(row.created_at) },
]

export const CONNECTION_COLUMNS: Column<ConnectionRecord>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'KIND', value: (row) => row.kind },
  { title: 'TARGET', value: (row) => row.target },
  { title: 'PROJECTS', value: (row) => row.projects.join(',') },
  { title: 'SECRET', value: (row) => row.secret },
  { title: 'HEALTH', value: (row) => stateText(row.health) },
  { title: 'LAST-USED', value: (row) => timestamp(row.last_used_at, 'never') },
  { title: 'CREATED', value: (row) => timestamp(row.created_at) },
]

export function tokenStatus({ status, paused }: TokenRecord): string {
  return status === 'active' && paused ? 'paused' : status
}

export const TOKEN_COLUMNS: Column<TokenRecord>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'PROJECT', value: (row) => row.project },
  { title: 'KIND', value: (row) => row.kind },
  { title: 'PREFIX', value: (row) => row.prefix },
  { title: 'CREATED', value: (row) => timestamp(row.created_at) },
  { title: 'LAST-USED', value: (row) => timestamp(row.last_used_at, 'never') },
  { title: 'EXPIRES', value: (row) => timestamp(row.expires_at, 'never') },
  { title: 'STATUS', value: tokenStatus },
]

export const SESSION_COLUMNS: Column<SessionRecord>[] = [
  { title: 'ID', value: (row) => row.id },
  { title: 'PROJECT', value: (row) => row.project },
  { title: 'PARENT', value: (row) => parentText(row.parent) },
  { title: 'CONNECTION', value: (row) => row.connection },
  { title: 'PERMISSIONS', value: (row) => row.permissions.join(',') },
  { title: 'REQUESTS', value: (row) => row.requests },
  { title: 'EXPIRES', value: (row) => timestamp(row.expires_at) },
]

export const REQUEST_COLUMNS: Column<RequestRecord>[] = [
  { title: 'TIME', value: (row) => timestamp(row.time) },
  { title: 'PROJECT', value: (row) => row.project },
  { title: 'TOKEN', value: callerText },
  { title: 'VIA', value: (row) => row.transport },
  { title: 'METHOD', value: (row) => row.method },
  { title: 'CONNECTION', value: (row) => row.connection },
  { title: 'RESOURCE', value: (row) => row.resource },
  { title: 'STATUS', value: (row) => row.status ?? 'running' },
  { title: 'CODE', value: (row) => row.code },
  { title: 'RECORDS', value: (row) => row.records },
  { title: 'MS', value: (row) => (row.duration_ms === null ? null : Math.round(row.duration_ms)) },
]

export const CLIENT_COLUMNS: Column<ClientRecord>[] = [
  { title: 'CLIENT', value: (row) => row.id },
  { title: 'STATE', value: (row) => row.state },
  { title: 'CONFIGURATION', value: (row) => row.config_path },
  { title: 'NOTE', value: (row) => row.message },
]

export function payloadsText({ payloads_until: until }: Pick<ProjectRecord, 'payloads_until'>): string {
  return until === null ? 'not recorded' : `recorded until ${timestamp(until)}`
}

export function toolsShown({ pass_through, mode }: Pick<ProjectRecord, 'pass_through' | 'mode'>): string {
  return pass_through === null ? mode : `pass-through (${pass_through})`
}

export function answerLength(chars: OwnAnswerChars, inherited: string): string {
  if (chars === null) return inherited
  return chars === 'off' ? 'no limit' : `${chars.toLocaleString('en-US')} characters`
}

export function stateText({ state }: Pick<Health, 'state'>): string {
  return state === 'unknown' ? 'not checked' : state
}

/** `owner` means the person who runs Hallpass. */
export function parentText(parent: string): string {
  return parent === 'owner' ? 'you' : parent
}

/** A session token is shown with the token it came from. */
function callerText({ token, token_kind, parent }: RequestRecord): string | null {
  return token === null || parent === null ? (token ?? token_kind) : `${parent} > ${token}`
}

/** Returns `sales: read, write (tables: Orders)`. */
export function grantText(grant: Grant): string {
  const limits = (['tables', 'tools', 'paths'] as const).flatMap((list) =>
    grant[list] === undefined ? [] : [`${list}: ${grant[list].join(', ')}`],
  )
  return `${grant.connection}: ${grant.permissions.join(', ')}${limits.length === 0 ? '' : ` (${limits.join('; ')})`}`
}
