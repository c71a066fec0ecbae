import { createHash } from 'node:crypto'
import type { Permission } from '../../../contract/grants.ts'
import type { McpToolRow } from '../../store/rows.ts'
import type { Store } from '../../store/store.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'
import { visible } from '../../text/visible-text.ts'

/** A change in any of these can turn an accepted tool into a different one. */
export const WATCHED = ['title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const

type ToolState = 'accepted' | 'new' | 'changed' | 'rejected'

/** The tools of one connection that the owner accepted, and the permissions the owner set. */
export interface ToolReviews {
  readonly isEmpty: boolean
  of(tool: string): McpToolRow | undefined
  all(): readonly McpToolRow[]
  stateOf(definition: JsonObject): ToolState
  accept(definitions: readonly JsonObject[]): void
  /** Accepts tools without a review, except rejected ones. */
  trust(definitions: readonly JsonObject[]): void
  /** Hides tools until they change. */
  reject(definitions: readonly JsonObject[]): void
  /** Forgets accepted tools that the server no longer lists. */
  forget(tools: readonly string[]): void
  /** Undoes the last review of each tool. Returns the first one that has none to undo, and then undoes nothing. */
  undo(tools: readonly string[]): string | null
  setEnabled(tools: readonly string[], enabled: boolean): void
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
    if (row === undefined) return trustsAll ? 'accepted' : 'new'
    const print = prints.get(definition) ?? fingerprint(definition)
    prints.set(definition, print)
    if (row.rejected === print) return 'rejected'
    if (trustsAll) return 'accepted'
    if (row.accepted === null) return 'new'
    return row.accepted === print ? 'accepted' : 'changed'
  }

  function rowOf(name: string): McpToolRow {
    return rows.get(name) ?? { name, accepted: null, permission: null, rejected: null, enabled: true, former: null }
  }

  function write(next: readonly McpToolRow[]): void {
    if (next.length === 0) return
    store.write.setMcpTools(connectionId, next)
    rows = new Map([...rows, ...next.map((one) => [one.name, one] as const)])
  }

  /** Returns the row after a review, which can be undone once. */
  function reviewed(name: string, decided: Pick<McpToolRow, 'accepted' | 'rejected'>): McpToolRow {
    const row = rowOf(name)
    const former = JSON.stringify({ accepted: row.accepted, rejected: row.rejected })
    return { ...row, ...decided, former }
  }
  return {
    get isEmpty() {
      return rows.size === 0
    },
    of: (tool) => rows.get(tool),
    all: () => [...rows.values()],
    stateOf,
    accept(definitions) {
      const open = definitions.filter((one) => stateOf(one) !== 'accepted')
      write(open.map((one) => reviewed(nameOf(one), { accepted: fingerprint(one), rejected: null })))
    },
    trust(definitions) {
      const next = definitions
        .filter((one) => stateOf(one) !== 'rejected')
        .map((one) => ({ ...rowOf(nameOf(one)), accepted: fingerprint(one) }))
      write(next.filter(({ name, accepted }) => rows.get(name)?.accepted !== accepted))
    },
    reject(definitions) {
      const open = definitions.filter((one) => stateOf(one) !== 'rejected')
      write(
        open.map((one) => reviewed(nameOf(one), { accepted: rowOf(nameOf(one)).accepted, rejected: fingerprint(one) })),
      )
    },
    forget(names) {
      write(names.map((name) => reviewed(name, { accepted: null, rejected: null })))
    },
    undo(names) {
      const kept = names.map(rowOf)
      const without = kept.find(({ former }) => former === null)
      if (without !== undefined) return without.name
      write(
        kept.map((row) => ({
          ...row,
          ...(JSON.parse(row.former ?? '{}') as Pick<McpToolRow, 'accepted' | 'rejected'>),
          former: null,
        })),
      )
      return null
    },
    setEnabled(names, enabled) {
      write(names.map((name) => ({ ...rowOf(name), enabled })))
    },
    setPermission(tool, permission) {
      const next = { ...rowOf(tool), permission }
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

export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value))
}

/** Sorts keys, so that another order of keys isn't a change. */
export function sorted(value: unknown): unknown {
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

export function quarantineSentence(tool: string, connection: string, state: ToolState | 'off'): string {
  if (state === 'off' || state === 'rejected')
    return `The owner ${state === 'off' ? 'turned off' : 'rejected'} tool ${quoted(tool)} of "${connection}". It can't be used.`
  const what = state === 'new' ? 'is new' : 'has changed'
  return `Tool ${quoted(tool)} of "${connection}" ${what}. The owner must review and accept it before it can be used.`
}
