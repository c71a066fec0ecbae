import { createHash } from 'node:crypto'
import type { Permission } from '../../../contract/grants.ts'
import type { McpToolRecord } from '../../../contract/upstreams/mcp-connection.ts'
import type { McpToolRow } from '../../store/rows.ts'
import type { Store } from '../../store/store.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'
import { visible } from '../../text/visible-text.ts'
import { validTool, type Repaired } from '../protocol/valid-definition.ts'
import { repairedFields } from './catalog-notes.ts'

/** A change in any of these can turn an accepted tool into a different one. */
const WATCHED = ['title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const

export type ToolState = 'accepted' | 'new' | 'changed'

/** The tools of one connection that the owner accepted, and the permissions the owner set. */
export interface ToolReviews {
  readonly isEmpty: boolean
  of(tool: string): McpToolRow | undefined
  all(): readonly McpToolRow[]
  stateOf(definition: JsonObject): ToolState
  accept(definitions: readonly JsonObject[]): void
  setPermission(tool: string, permission: Permission | null): void
}

export function createToolReviews(
  store: Pick<Store, 'read' | 'write'>,
  connectionId: number,
  trustsAll: boolean,
): ToolReviews {
  let rows = new Map(store.read.mcpTools(connectionId).map((one) => [one.name, one]))
  // Each call asks for the state of its tool, and a definition stays the same object until the next refresh.
  const prints = new WeakMap<JsonObject, string>()

  function stateOf(definition: JsonObject): ToolState {
    const row = rows.get(nameOf(definition))
    if (row === undefined || row.accepted === null) return 'new'
    const print = prints.get(definition) ?? fingerprint(definition)
    prints.set(definition, print)
    return row.accepted === print ? 'accepted' : 'changed'
  }
  return {
    get isEmpty() {
      return rows.size === 0
    },
    of: (tool) => rows.get(tool),
    all: () => [...rows.values()],
    stateOf: (definition) => (trustsAll ? 'accepted' : stateOf(definition)),
    accept(definitions) {
      const next = definitions
        .filter((one) => stateOf(one) !== 'accepted')
        .map((one) => ({
          name: nameOf(one),
          accepted: fingerprint(one),
          permission: rows.get(nameOf(one))?.permission ?? null,
        }))
      if (next.length === 0) return
      store.write.setMcpTools(connectionId, next)
      rows = new Map([...rows, ...next.map((one) => [one.name, one] as const)])
    },
    setPermission(tool, permission) {
      const next = { name: tool, accepted: rows.get(tool)?.accepted ?? null, permission }
      store.write.setMcpToolPermission(connectionId, next)
      rows = new Map(rows).set(tool, next)
    },
  }
}

export function nameOf(definition: JsonObject): string {
  return String(definition['name'])
}

/** Returns the watched parts of a definition as text. Texts are equal exactly if nothing watched differs. */
export function fingerprint(definition: JsonObject): string {
  return canonical(
    Object.fromEntries(
      WATCHED.flatMap((field) => (definition[field] === undefined ? [] : [[field, definition[field]]])),
    ),
  )
}

/** Returns a short digest of the fingerprint. */
export function digestOf(definition: JsonObject): string {
  return createHash('sha256').update(fingerprint(definition)).digest('base64url')
}

export function declaredReadOnly(definition: JsonObject): boolean {
  const annotations = objectOf(definition['annotations'])
  return annotations?.['readOnlyHint'] === true && annotations['destructiveHint'] !== true
}

export function permissionOf(definition: JsonObject, row: McpToolRow | undefined): Permission {
  return row?.permission ?? (declaredReadOnly(definition) ? 'read' : 'write')
}

/** Returns a tool as shown to the owner. */
export function toolRecord(definition: JsonObject, reviews: ToolReviews): McpToolRecord {
  const row = reviews.of(nameOf(definition))
  return recordOf(definition, row, reviews.stateOf(definition), validTool(definition))
}

function recordOf(
  definition: JsonObject,
  row: McpToolRow | undefined,
  state: McpToolRecord['state'],
  repaired: Repaired,
): McpToolRecord {
  const description = definition['description']
  return {
    name: visible(String(definition['name'])),
    description: typeof description === 'string' ? visible(description) : null,
    permission: permissionOf(definition, row),
    permission_set_by_owner: (row?.permission ?? null) !== null,
    declared_read_only: declaredReadOnly(definition),
    state,
    fingerprint: digestOf(definition),
    problem: repaired.problem === null ? null : `Held back: it ${repaired.problem}, so clients can't use it.`,
    repaired: repaired.definition === null ? [] : repairedFields(definition, repaired.definition).map(visible),
    changes: state === 'changed' ? changesOf(JSON.parse(row?.accepted ?? '{}') as JsonObject, definition) : [],
  }
}

/** Returns a tool that was accepted and is no longer listed. */
export function removedRecord(row: McpToolRow): McpToolRecord {
  const accepted = JSON.parse(row.accepted ?? '{}') as JsonObject
  const definition = { ...accepted, name: row.name }
  return recordOf(definition, row, 'removed', { definition, problem: null })
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

/** Sorts keys, so that another order of keys isn't a change. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

export function quoted(tool: string): string {
  return `"${visible(tool.slice(0, 80))}"`
}

export function quarantineSentence(tool: string, connection: string, state: 'new' | 'changed'): string {
  const what = state === 'new' ? 'is new' : 'has changed'
  return `Tool ${quoted(tool)} of "${connection}" ${what}. The owner must review and accept it before it can be used.`
}
