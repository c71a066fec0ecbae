import type { ConnectionRecord, ProjectRecord } from '../../contract/records.ts'
import type { ConnectionHealth } from '../connections/health.ts'
import { ownAnswerChars } from '../access/tokens/access-records.ts'
import { mcpTarget } from '../mcp-upstreams/stored-config.ts'
import type { ConnectionRow, ProjectRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'

/** `activeTokens` is the number of tokens that can be used now. */
export function projectRecord(store: Store, row: ProjectRow, activeTokens: number): ProjectRecord {
  return {
    name: row.name,
    connections: store.read.connections(row.id).map((one) => one.name),
    tokens: activeTokens,
    created_at: instantOf(row.created_at),
    mode: row.mode,
    pass_through: row.pass_through,
    answer_chars: ownAnswerChars(row.answer_chars),
  }
}

export function connectionRecord(
  { store, health }: { store: Store; health: ConnectionHealth },
  row: ConnectionRow,
): ConnectionRecord {
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
