import { invalidRequest } from '../../../../contract/errors.ts'
import type { HttpRule, OpenapiInspection } from '../../../../contract/upstreams/http-connection.ts'
import { compileRules } from '../../request-rules.ts'
import {
  findOperations,
  plainId,
  type FoundOperations,
  type LeftOut,
  type Operation,
  type OperationSelection,
} from './operations.ts'
import type { JsonObject } from '../../../text/json.ts'
import { readOpenapiDocument, type OpenapiDocument } from './read-document.ts'

/** Version of the file format. A document whose file has another version is reloaded from its source. */
export const CATALOG_FORMAT = 2

/** What is stored of a document: its operations with their schemas, and which of them become tools. */
export interface Catalog {
  format: typeof CATALOG_FORMAT
  openapi: string
  title: string
  version: string
  servers: string[]
  /** IDs of the operations that become tools; null means all. */
  chosen: string[] | null
  /** Tags whose operations become tools too, also those that a later version of the document adds. */
  tags: string[]
  operations: Operation[]
  leftOut: LeftOut[]
  /** Schemas that those of the operations refer to as `#/$defs/NAME`. */
  schemas: Record<string, JsonObject>
}

export interface ReadDocument extends FoundOperations {
  document: OpenapiDocument
}

export async function readOperations(
  text: string,
  selection: OperationSelection = {},
  baseUrl: string | null = null,
): Promise<ReadDocument> {
  const document = await readOpenapiDocument(text)
  const { ids, tags } = selection
  return { document, ...findOperations(document, { ids: ids?.map(plainId), tags }, baseUrl) }
}

/** Throws INVALID_REQUEST if a selected ID or tag isn't in the document. */
export function createCatalog(read: ReadDocument, selection: OperationSelection = {}): Catalog {
  const { document, operations, leftOut, schemas } = read
  const { openapi, title, version, servers } = document
  return {
    format: CATALOG_FORMAT,
    openapi,
    title,
    version,
    servers,
    ...selected(operations, leftOut, selection),
    operations,
    leftOut,
    schemas,
  }
}

function selected(
  operations: readonly Operation[],
  leftOut: readonly LeftOut[],
  { ids, tags = [] }: OperationSelection,
): Pick<Catalog, 'chosen' | 'tags'> {
  if (ids === undefined && tags.length === 0) return { chosen: null, tags: [] }
  const known = new Set(operations.map((one) => one.id))
  const chosen = (ids ?? []).map((id) => (known.has(id) ? id : plainId(id)))
  const missing = chosen.findIndex((id) => !known.has(id))
  if (missing !== -1)
    throw unknownChoice(
      'operation',
      ids?.[missing] ?? '',
      operations.map((one) => one.id),
      leftOut,
    )
  const present = [...new Set(operations.flatMap((one) => one.tags))]
  const noTag = tags.find((tag) => !present.includes(tag))
  if (noTag !== undefined) throw unknownChoice('tag', noTag, present, leftOut)
  return { chosen: [...new Set(chosen)], tags: [...new Set(tags)] }
}

/**
 * Suggests the nearest IDs for a mistyped one, and explains operations that the document has but that can't be called.
 */
function unknownChoice(
  what: 'operation' | 'tag',
  name: string,
  present: readonly string[],
  leftOut: readonly LeftOut[],
) {
  const start = name.slice(0, 3).toLowerCase()
  const near = present.filter((one) => one.toLowerCase().includes(start)).slice(0, 5)
  const shown = near.length > 0 ? near : present.slice(0, 5)
  const hint =
    shown.length === 0
      ? ''
      : ` ${near.length > 0 ? 'Similar' : 'It has'}: ${shown.map((one) => one.slice(0, 60)).join(', ')}.`
  const left =
    leftOut.length === 0
      ? ''
      : ` ${leftOut.length === 1 ? '1 operation is' : `${leftOut.length} operations are`} left out.`
  return invalidRequest(
    `The OpenAPI document has no ${what} "${name.slice(0, 80)}".${hint}${left}`,
    what === 'tag' ? 'config.openapi.tags' : 'config.openapi.operations',
  )
}

/** Replaces the selection of a document that was pasted as text. It can't be read again, but all its operations are stored. */
export function reselect(
  before: Catalog | null,
  selection: OperationSelection,
  name: string,
  isOutdated: boolean,
): Catalog {
  if (before === null && !isOutdated) throw invalidRequest(`"${name}" has no OpenAPI document.`, 'name')
  if (before === null || !isSelection(selection))
    throw invalidRequest(
      `The OpenAPI document of "${name}" was pasted as text, so it can't be reloaded. Create the connection again with the new document.`,
      'name',
    )
  return { ...before, ...selected(before.operations, before.leftOut, selection) }
}

export function isSelection({ ids, tags }: OperationSelection): boolean {
  return ids !== undefined || tags !== undefined
}

export function storedSelection(catalog: Catalog | null): OperationSelection {
  return catalog === null || catalog.chosen === null ? {} : { ids: catalog.chosen, tags: catalog.tags }
}

/** Returns the part of a stored selection that a new version of the document still has. */
export function keptSelection({ ids, tags }: OperationSelection, { operations }: ReadDocument): OperationSelection {
  return {
    ids: ids?.filter((id) => operations.some((one) => one.id === id)),
    tags: tags?.filter((tag) => operations.some((one) => one.tags.includes(tag))),
  }
}

export function selectedOperations({ operations, chosen, tags }: Catalog): Operation[] {
  if (chosen === null) return operations
  const ids = new Set(chosen)
  const wanted = new Set(tags)
  return operations.filter((one) => ids.has(one.id) || one.tags.some((tag) => wanted.has(tag)))
}

export function createInspection(
  { document, operations, leftOut }: ReadDocument,
  rules: readonly HttpRule[] | undefined,
): OpenapiInspection {
  const permissionOf = compileRules(rules, 'rules')
  const { title, version, openapi, servers } = document
  return {
    title,
    version,
    openapi,
    servers,
    operations: operations.map(({ id, method, path, summary }) => ({
      id,
      method,
      path,
      summary,
      permission: permissionOf(method, path),
    })),
    left_out: leftOut,
  }
}

/** What changed when a document was read again, by operation ID. */
export interface OperationChanges {
  operations: number
  added: string[]
  removed: string[]
  changed: string[]
}

export function catalogChanges(before: Catalog | null, now: Catalog): OperationChanges {
  const old = new Map(before?.operations.map((one) => [one.id, one]))
  const ids = new Set(now.operations.map((one) => one.id))
  const isChanged = schemaChanges(before?.schemas ?? {}, now.schemas)
  return {
    operations: selectedOperations(now).length,
    added: now.operations.filter((one) => !old.has(one.id)).map((one) => one.id),
    removed: [...old.keys()].filter((id) => !ids.has(id)),
    changed: now.operations
      .filter((one) => old.has(one.id) && (JSON.stringify(old.get(one.id)) !== JSON.stringify(one) || isChanged(one)))
      .map((one) => one.id),
  }
}

/** Returns a function that returns whether a schema used by an operation, directly or indirectly, has changed. */
function schemaChanges(
  before: Readonly<Record<string, JsonObject>>,
  now: Readonly<Record<string, JsonObject>>,
): (operation: Operation) => boolean {
  const texts = new Map(Object.entries(now).map(([name, schema]) => [name, JSON.stringify(schema)]))
  const differing = new Set(
    [...texts].filter(([name, text]) => JSON.stringify(before[name]) !== text).map(([name]) => name),
  )
  // A schema that uses a changed one counts as changed too.
  for (let grew = differing.size > 0; grew;) {
    grew = false
    for (const [name, text] of texts) {
      if (differing.has(name) || !namesIn(text).some((one) => differing.has(one))) continue
      differing.add(name)
      grew = true
    }
  }
  return (operation) => differing.size > 0 && namesIn(JSON.stringify(operation)).some((name) => differing.has(name))
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name ?? '')
}
