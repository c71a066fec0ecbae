import type { Grant } from '../contract/grants.ts'
import type {
  ClientRecord,
  ConnectionRecord,
  ProjectRecord,
  RequestRecord,
  SessionRecord,
  TokenRecord,
} from '../contract/records.ts'
import { instant, type Column } from './output.ts'

export const PROJECT_COLUMNS: Column<ProjectRecord>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'CONNECTIONS', value: (row) => row.connections.join(',') },
  { title: 'TOKENS', value: (row) => row.tokens },
  { title: 'MCP', value: (row) => (row.pass_through === null ? row.mode : `passes ${row.pass_through} through`) },
  { title: 'CREATED', value: (row) => instant(row.created_at) },
]

export const CONNECTION_COLUMNS: Column<ConnectionRecord>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'KIND', value: (row) => row.kind },
  { title: 'TARGET', value: (row) => row.target },
  { title: 'PROJECTS', value: (row) => row.projects.join(',') },
  { title: 'SECRET', value: (row) => row.secret },
  { title: 'HEALTH', value: (row) => row.health.state },
  { title: 'LAST-USED', value: (row) => instant(row.last_used_at, 'never') },
  { title: 'CREATED', value: (row) => instant(row.created_at) },
]

export const TOKEN_COLUMNS: Column<TokenRecord>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'PROJECT', value: (row) => row.project },
  { title: 'KIND', value: (row) => row.kind },
  { title: 'PREFIX', value: (row) => row.prefix },
  { title: 'CREATED', value: (row) => instant(row.created_at) },
  { title: 'LAST-USED', value: (row) => instant(row.last_used_at, 'never') },
  { title: 'EXPIRES', value: (row) => instant(row.expires_at, 'never') },
  { title: 'STATUS', value: (row) => row.status },
]

export const SESSION_COLUMNS: Column<SessionRecord>[] = [
  { title: 'ID', value: (row) => row.id },
  { title: 'PROJECT', value: (row) => row.project },
  { title: 'PARENT', value: (row) => row.parent },
  { title: 'CONNECTION', value: (row) => row.connection },
  { title: 'PERMISSIONS', value: (row) => row.permissions.join(',') },
  { title: 'REQUESTS', value: (row) => row.requests },
  { title: 'EXPIRES', value: (row) => instant(row.expires_at) },
]

export const REQUEST_COLUMNS: Column<RequestRecord>[] = [
  { title: 'TIME', value: (row) => instant(row.time) },
  { title: 'PROJECT', value: (row) => row.project },
  { title: 'TOKEN', value: (row) => tokenOf(row) },
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

/** A session token is told with the token that it came from. */
function tokenOf({ token, token_kind, parent }: RequestRecord): string | null {
  return token === null || parent === null ? (token ?? token_kind) : `${token} < ${parent}`
}

/** `sales: read, write (tables Orders)`. */
export function grantText(grant: Grant): string {
  const narrowed = (['tables', 'tools', 'paths'] as const).flatMap((list) =>
    grant[list] === undefined ? [] : [`${list} ${grant[list].join(', ')}`],
  )
  return `${grant.connection}: ${grant.permissions.join(', ')}${narrowed.length === 0 ? '' : ` (${narrowed.join('; ')})`}`
}
