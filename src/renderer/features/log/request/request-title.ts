import { t } from '../../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../../contract/records.ts'

/** "add_records on ledger › Orders" */
export function requestTitle({ method, connection, resource }: RequestRecord): string {
  if (connection === null) return method
  return t`${method} on ${connection}${resource === null ? '' : ` › ${resource}`}`
}
