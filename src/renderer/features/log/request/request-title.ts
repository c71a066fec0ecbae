import type { RequestRecord } from '../../../../contract/records.ts'

/** "add_records on ledger › Orders" */
export function requestTitle({ method, connection, resource }: RequestRecord): string {
  if (connection === null) return method
  return `${method} on ${connection}${resource === null ? '' : ` › ${resource}`}`
}
