import { createHash } from 'node:crypto'
import type { Permission } from '../../../contract/grants.ts'
import type { McpToolRecord } from '../../../contract/mcp-connection.ts'
import type { McpToolRow } from '../../store/rows.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'
import { visible } from '../../text/visible-text.ts'

/** What a tool says it is and does: a change in any of it could turn a tool that was trusted into another. */
const WATCHED = ['title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const

export type ToolState = 'accepted' | 'new' | 'changed'

/** The watched part of a definition as text that is equal exactly when nothing watched differs. */
export function fingerprint(definition: JsonObject): string {
  return canonical(
    Object.fromEntries(
      WATCHED.flatMap((field) => (definition[field] === undefined ? [] : [[field, definition[field]]])),
    ),
  )
}

/** A short name of what `fingerprint` tells. */
export function digestOf(definition: JsonObject): string {
  return createHash('sha256').update(fingerprint(definition)).digest('base64url')
}

export function stateOf(definition: JsonObject, row: McpToolRow | undefined): ToolState {
  if (row === undefined || row.accepted === null) return 'new'
  return row.accepted === fingerprint(definition) ? 'accepted' : 'changed'
}

export function declaredReadOnly(definition: JsonObject): boolean {
  const annotations = objectOf(definition['annotations'])
  return annotations?.['readOnlyHint'] === true && annotations['destructiveHint'] !== true
}

export function permissionOf(definition: JsonObject, row: McpToolRow | undefined): Permission {
  return row?.permission ?? (declaredReadOnly(definition) ? 'read' : 'write')
}

/** A tool as its owner sees it. */
export function toolRecord(definition: JsonObject, row: McpToolRow | undefined, trustsAll: boolean): McpToolRecord {
  const state = trustsAll ? 'accepted' : stateOf(definition, row)
  const description = definition['description']
  return {
    name: visible(String(definition['name'])),
    description: typeof description === 'string' ? visible(description) : null,
    permission: permissionOf(definition, row),
    permission_set_by_owner: (row?.permission ?? null) !== null,
    declared_read_only: declaredReadOnly(definition),
    state,
    fingerprint: digestOf(definition),
    changes: state === 'changed' ? changesOf(JSON.parse(row?.accepted ?? '{}') as JsonObject, definition) : [],
  }
}

/** A tool that was accepted and is not there any more. */
export function removedRecord(row: McpToolRow): McpToolRecord {
  const accepted = JSON.parse(row.accepted ?? '{}') as JsonObject
  return { ...toolRecord({ ...accepted, name: row.name }, row, true), state: 'removed' }
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

function canonical(value: unknown): string {
  return JSON.stringify(sorted(value))
}

/** Keys in one order, so that an upstream that shuffles them changes nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
