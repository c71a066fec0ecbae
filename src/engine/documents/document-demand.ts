import { DOCUMENT_METHODS, type DocumentMethod } from '../../contract/methods/document-methods.ts'
import type { Demand } from '../access/principal.ts'

/** Returns the table of a call, or null. Fields are validated before. */
export function tableOf(method: DocumentMethod, fields: object): string | null {
  const description = DOCUMENT_METHODS[method]
  if (!('tableField' in description)) return null
  const table = (fields as Record<string, unknown>)[description.tableField]
  return typeof table === 'string' ? table : null
}

/** Returns the permission that a document call needs. */
export function demandOf(connection: string, method: DocumentMethod, fields: object): Demand {
  const table = tableOf(method, fields)
  return {
    permission: DOCUMENT_METHODS[method].permission,
    connection,
    ...(table === null ? {} : { table }),
    ...(method === 'sql_query' || hasFormula(fields) ? { wholeDocument: true } : {}),
  }
}

/** Returns whether a call has a formula. A formula can read any table of its document, so it bypasses a grant limited to tables, as SQL does. */
export function hasFormula(fields: object): boolean {
  const formula = (fields as { formula?: unknown }).formula
  return typeof formula === 'string' && formula !== ''
}
