import type { ConnectionEntry, ProjectEntry, TokenEntry } from '../../../contract/configuration.ts'
import { ownAnswerChars } from '../../access/tokens/access-records.ts'
import { isOwnSecret } from '../../mcp-upstreams/value-references.ts'
import type { ConnectionRow, ProjectRow, TokenRow } from '../../store/rows.ts'
import type { OwnerParts } from '../owner-parts.ts'

/** Returns the entry of a stored connection, as a file would have it. */
export function connectionEntry(parts: OwnerParts, row: ConnectionRow): ConnectionEntry {
  const entry = settingsEntry(parts, row)
  return row.description === '' ? entry : { ...entry, description: row.description }
}

function settingsEntry({ store, connectors }: OwnerParts, row: ConnectionRow): ConnectionEntry {
  const secret = secretEntry(row)
  switch (row.kind) {
    case 'mcp': {
      const tools = store.read
        .mcpTools(row.id)
        .flatMap(({ name, permission }) => (permission === null ? [] : [[name, permission]]))
      return plain<ConnectionEntry>({
        ...row.config,
        ...secret,
        ...(tools.length === 0 ? {} : { tools: Object.fromEntries(tools) as Record<string, 'read'> }),
      })
    }
    case 'http': {
      const { openapi_source: source, ...config } = row.config
      const catalog = connectors.http.catalog(row.id)
      const selection =
        catalog === null || catalog.chosen === null
          ? {}
          : {
              ...(catalog.chosen.length === 0 ? {} : { operations: catalog.chosen }),
              ...(catalog.tags.length === 0 ? {} : { tags: catalog.tags }),
            }
      return plain<ConnectionEntry>({
        ...config,
        ...(source === undefined ? {} : { openapi: { source, ...selection } }),
        ...secret,
      })
    }
    case 'sqlite':
      return plain<ConnectionEntry>({ ...row.config })
    case 'grist':
      return plain<ConnectionEntry>({ ...row.config, ...secret })
  }
}

/** A connection that still waits for its secret has the reference that says so. */
function secretEntry(row: ConnectionRow): { secret?: string } {
  const { secret_location: location } = row
  // The tokens of a sign-in are stored like a secret, but no file can refer to them.
  if (row.kind === 'mcp' && row.config.oauth === true && row.config.oauth_client_id === undefined) return {}
  if (location === 'keychain' || location === 'vault') return { secret: 'keychain' }
  if (location !== null) return { secret: location }
  return needsSecret(row) ? { secret: 'keychain' } : {}
}

function needsSecret({ config }: Pick<ConnectionRow, 'config'>): boolean {
  switch (config.kind) {
    case 'grist':
      return true
    case 'sqlite':
      return false
    case 'http':
      return (config.auth?.type ?? 'none') !== 'none'
    case 'mcp':
      return [...Object.values(config.headers ?? {}), ...Object.values(config.env ?? {})].some(isOwnSecret)
  }
}

/** Returns the entry of a stored project, without its tokens. */
export function projectEntry({ store, clock }: Pick<OwnerParts, 'store' | 'clock'>, row: ProjectRow): ProjectEntry {
  const { payloads_until: until } = row
  return {
    description: row.description,
    pinned: row.pinned,
    payloads_until: until === null || until <= clock.now() ? null : new Date(until).toISOString(),
    mode: row.mode,
    pass_through: row.pass_through,
    answer_chars: ownAnswerChars(row.answer_chars),
    connections: store.read.connections(row.id).map(({ name }) => name),
  }
}

/** Returns the entry of a stored token with all its fields. */
export function tokenEntry(row: TokenRow): Required<TokenEntry> {
  return {
    kind: row.kind === 'local' ? 'local' : 'access',
    description: row.description,
    expires: row.expires_at === null ? 'never' : new Date(row.expires_at).toISOString(),
    grants: row.grants,
    rate: row.rate,
    mode: row.mode,
    answer_chars: ownAnswerChars(row.answer_chars),
    budget: row.budget,
  }
}

/** Returns a copy without undefined values, which are compared and sent as JSON. */
export function plain<T>(value: unknown): T {
  return JSON.parse(JSON.stringify(value)) as T
}
