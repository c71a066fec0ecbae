import type { HttpRule, OpenapiInspection } from '../../../contract/http-connection.ts'
import { HallpassError } from '../../../contract/errors.ts'
import { compileRules } from '../request-rules.ts'
import { findOperations, type FoundOperations, type Operation } from './operations.ts'
import { readOpenapiDocument, type OpenapiDocument } from './read-document.ts'

/** What is kept of a document: the operations that were chosen, whole, and the ids of all. */
export interface Catalog {
  /** Of the file's shape; a file of another one is read again from its source. */
  format: 1
  openapi: string
  title: string
  version: string
  /** Null: all. */
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

/** All of it, of which the chosen become tools. INVALID_REQUEST names an id that is not there. */
export function createCatalog({ document, operations }: ReadDocument, chosen: readonly string[] | undefined): Catalog {
  checkSelection(operations, chosen)
  const { openapi, title, version } = document
  return { format: 1, openapi, title, version, chosen: chosen === undefined ? null : [...new Set(chosen)], operations }
}

export function checkSelection(operations: readonly Operation[], chosen: readonly string[] | undefined): void {
  const missing = chosen?.find((id) => !operations.some((one) => one.id === id))
  if (missing !== undefined)
    throw new HallpassError(
      'INVALID_REQUEST',
      `config.openapi.operations: the document has no operation “${missing.slice(0, 100)}”.`,
    )
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
