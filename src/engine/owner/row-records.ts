import type { ConnectionRecord, ProjectRecord } from '../../contract/records.ts'
import type { Connectors } from '../connections/connectors.ts'
import type { ConnectionHealth } from '../connections/health.ts'
import { ownAnswerChars } from '../access/tokens/access-records.ts'
import { mcpTarget } from '../mcp-upstreams/stored-config.ts'
import type { OwnerAccess } from '../access/access.ts'
import type { ConnectionRow, ProjectRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'

/** `activeTokens` is the number of tokens that can be used now. */
export function projectRecord(store: Store, row: ProjectRow, activeTokens: number, now: number): ProjectRecord {
  const until = row.payloads_until !== null && row.payloads_until > now ? row.payloads_until : null
  return {
    name: row.name,
    connections: store.read.connections(row.id).map((one) => one.name),
    tokens: activeTokens,
    created_at: instantOf(row.created_at),
    mode: row.mode,
    pass_through: row.pass_through,
    answer_chars: ownAnswerChars(row.answer_chars),
    description: row.description,
    pinned: row.pinned,
    payloads: until === null ? 'off' : 'on',
    payloads_until: until === null ? null : instantOf(until),
  }
}

interface RecordParts {
  store: Store
  health: ConnectionHealth
  access: Pick<OwnerAccess, 'tokens'>
  connectors: Pick<Connectors, 'mcp'>
}

/** Returns the records of connections, with the number of active tokens that can use each. */
export async function connectionRecords(
  parts: RecordParts,
  rows: readonly ConnectionRow[],
): Promise<ConnectionRecord[]> {
  const counts = new Map<string, number>()
  for (const { status, grants } of await parts.access.tokens())
    if (status === 'active')
      for (const name of new Set(grants.map(({ connection }) => connection)))
        counts.set(name, (counts.get(name) ?? 0) + 1)
  return rows.map((row) => recordOf(parts, row, counts.get(row.name) ?? 0))
}

export async function connectionRecord(parts: RecordParts, row: ConnectionRow): Promise<ConnectionRecord> {
  const [record] = await connectionRecords(parts, [row])
  if (record === undefined) throw new Error('A row has one record.')
  return record
}

function recordOf({ store, health, connectors }: RecordParts, row: ConnectionRow, tokens: number): ConnectionRecord {
  const lastUse = health.lastUse(row.id) ?? row.last_used_at
  return {
    name: row.name,
    kind: row.kind,
    target: targetOf(row),
    projects: store.read.projectsOf(row.id),
    secret: row.secret_location ?? 'none',
    health: health.of(row.id),
    last_used_at: lastUse === null ? null : instantOf(lastUse),
    created_at: instantOf(row.created_at),
    description: row.description,
    paused: row.paused,
    revision: row.revision,
    secret_set_at: row.secret_set_at === null ? null : instantOf(row.secret_set_at),
    tokens,
    tools: connectors.mcp.counts(row.name),
  }
}

function targetOf({ config }: ConnectionRow): string {
  switch (config.kind) {
    case 'mcp':
      return mcpTarget(config)
    case 'sqlite':
      return config.path
    case 'grist':
      return config.doc === undefined ? config.url : `${config.url} (document ${config.doc})`
    case 'http':
      return config.url
  }
}

function instantOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
