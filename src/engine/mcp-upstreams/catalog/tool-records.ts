import type { ConnectionRecord } from '../../../contract/records.ts'
import type { McpToolRecord } from '../../../contract/upstreams/mcp-connection.ts'
import type { McpToolRow } from '../../store/rows.ts'
import type { JsonObject } from '../../text/json.ts'
import { visible } from '../../text/visible-text.ts'
import { validTool, type Repaired } from '../protocol/valid-definition.ts'
import { repairedFields } from './catalog-notes.ts'
import { flagsOf } from './tool-flags.ts'
import {
  canonical,
  declaredReadOnly,
  digestOf,
  nameOf,
  permissionOf,
  sorted,
  WATCHED,
  type ToolReviews,
} from './tool-reviews.ts'

/** Returns a tool as shown to the owner. `elsewhere` are names of tools that a malicious text could refer to. */
export function toolRecord(
  definition: JsonObject,
  reviews: ToolReviews,
  elsewhere: ReadonlySet<string> = new Set(),
): McpToolRecord {
  const row = reviews.of(nameOf(definition))
  return recordOf(definition, row, reviews.stateOf(definition), validTool(definition), elsewhere)
}

function recordOf(
  definition: JsonObject,
  row: McpToolRow | undefined,
  state: McpToolRecord['state'],
  repaired: Repaired,
  elsewhere: ReadonlySet<string>,
): McpToolRecord {
  const described = definition['description']
  const description = typeof described === 'string' ? visible(described) : null
  const isOpen = state === 'changed' || state === 'new' || state === 'rejected'
  const accepted = row?.accepted ?? null
  const changes = isOpen ? changesOf(accepted === null ? {} : (JSON.parse(accepted) as JsonObject), definition) : []
  const texts = new Map([
    ['description', description ?? ''],
    ...changes.map(({ field, after }) => [field, after ?? ''] as const),
  ])
  return {
    name: visible(String(definition['name'])),
    description,
    permission: permissionOf(definition, row),
    permission_set_by_owner: (row?.permission ?? null) !== null,
    declared_read_only: declaredReadOnly(definition),
    state,
    enabled: row?.enabled ?? true,
    fingerprint: digestOf(definition),
    problem: repaired.problem === null ? null : `Held back: it ${repaired.problem}, so clients can't use it.`,
    repaired: repaired.definition === null ? [] : repairedFields(definition, repaired.definition).map(visible),
    changes,
    flags: flagsOf(texts, elsewhere),
  }
}

/** Returns a tool that was accepted and is no longer listed. */
export function removedRecord(row: McpToolRow): McpToolRecord {
  const accepted = JSON.parse(row.accepted ?? '{}') as JsonObject
  const definition = { ...accepted, name: row.name }
  return recordOf(definition, row, 'removed', { definition, problem: null }, new Set())
}

/** Counts a connection's tools. Only those to review are looked at for suspicious text. */
export function countTools(
  tools: readonly JsonObject[],
  reviews: ToolReviews,
  elsewhere: () => ReadonlySet<string>,
): NonNullable<ConnectionRecord['tools']> {
  let names: ReadonlySet<string> | null = null
  const counts = { on: 0, off: 0, review: 0, flagged: 0 }
  for (const definition of tools) {
    const state = reviews.stateOf(definition)
    if (state === 'new' || state === 'changed') {
      counts.review += 1
      names ??= elsewhere()
      if (toolRecord(definition, reviews, names).flags.length > 0) counts.flagged += 1
    } else if (state === 'rejected' || reviews.of(nameOf(definition))?.enabled === false) counts.off += 1
    else counts.on += 1
  }
  return counts
}

function changesOf(before: JsonObject, after: JsonObject): McpToolRecord['changes'] {
  return WATCHED.filter((field) => canonical(before[field] ?? null) !== canonical(after[field] ?? null)).map(
    (field) => ({ field, before: shown(before[field]), after: shown(after[field]) }),
  )
}

function shown(value: unknown): string | null {
  if (value === undefined) return null
  return visible(typeof value === 'string' ? value : JSON.stringify(sorted(value), null, 2))
}
