import type { HttpRule, OpenapiInspection } from '../../../contract/http-connection.ts'
import { invalidRequest } from '../../../contract/errors.ts'
import { compileRules } from '../request-rules.ts'
import { findOperations, type FoundOperations, type Operation } from './operations.ts'
import { readOpenapiDocument, type OpenapiDocument } from './read-document.ts'

/** What is stored of a document: all its operations, and which of them become tools. */
export interface Catalog {
  /** Version of the file's shape; a file of another version is read again from its source. */
  format: 1
  openapi: string
  title: string
  version: string
  /** IDs of the operations that become tools; null means all. */
  chosen: string[] | null
  operations: Operation[]
}

export interface ReadDocument extends FoundOperations {
  document: OpenapiDocument
}

export async function readOperations(text: string): Promise<ReadDocument> {
  const document = await readOpenapiDocument(text)
  return { document, ...findOperations(document) }
}

/** Throws INVALID_REQUEST if a selected ID isn't in the document. */
export function createCatalog({ document, operations }: ReadDocument, chosen: readonly string[] | undefined): Catalog {
  checkSelection(operations, chosen)
  const { openapi, title, version } = document
  return { format: 1, openapi, title, version, chosen: chosen === undefined ? null : [...new Set(chosen)], operations }
}

function checkSelection(operations: readonly Operation[], chosen: readonly string[] | undefined): void {
  const missing = chosen?.find((id) => !operations.some((one) => one.id === id))
  if (missing !== undefined)
    throw invalidRequest(
      `The OpenAPI document has no operation "${missing.slice(0, 80)}".`,
      'config.openapi.operations',
    )
}

/** Replaces the selection of a document that was pasted as text: it can't be read again, but all its operations are stored. */
export function reselect(before: Catalog | null, operations: readonly string[] | undefined, name: string): Catalog {
  if (before === null) throw invalidRequest(`"${name}" has no OpenAPI document.`, 'name')
  if (operations === undefined)
    throw invalidRequest(
      `The OpenAPI document of "${name}" was pasted as text, so it can't be reloaded. Create the connection again with the new document.`,
      'name',
    )
  checkSelection(before.operations, operations)
  return { ...before, chosen: [...new Set(operations)] }
}

/** What changed when a document was read again, by operation ID. */
export interface OperationChanges {
  operations: number
  added: string[]
  removed: string[]
  changed: string[]
}

export function catalogChanges(before: Catalog | null, now: Catalog): OperationChanges {
  const old = new Map(before?.operations.map((one) => [one.id, JSON.stringify(one)]))
  const ids = new Set(now.operations.map((one) => one.id))
  return {
    operations: now.chosen?.length ?? now.operations.length,
    added: now.operations.filter((one) => !old.has(one.id)).map((one) => one.id),
    removed: [...old.keys()].filter((id) => !ids.has(id)),
    changed: now.operations
      .filter((one) => old.has(one.id) && old.get(one.id) !== JSON.stringify(one))
      .map((one) => one.id),
  }
}

export function selectedOperations({ operations, chosen }: Catalog): Operation[] {
  if (chosen === null) return operations
  const wanted = new Set(chosen)
  return operations.filter((one) => wanted.has(one.id))
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
