import { t } from '../../../../contract/text/translate.ts'
import type { Grant } from '../../../../contract/grants.ts'
import type { Permit } from '../../../../contract/records.ts'
import { LIMITS, type GridChange } from './permission-grid.ts'

/** Returns "read, write on tables Orders, Invoices" or "read on everything". */
export function grantText(grant: Grant, named = Number.POSITIVE_INFINITY): string {
  const limits = LIMITS.flatMap((limit) =>
    grant[limit] === undefined ? [] : [`${limit} ${listed(grant[limit], named)}`],
  )
  return t`${grant.permissions.join(', ')} on ${limits.length === 0 ? t`everything` : limits.join(' and ')}`
}

function listed(names: readonly string[], named: number): string {
  const shown = names.slice(0, named).join(', ')
  return names.length <= named ? shown : t`${shown} and ${names.length - named} more`
}

/** Returns "write on sales › Orders". */
export function permitText({ connection, permission, resource }: Omit<Permit, 'limit'>): string {
  return resource === null ? t`${permission} on all of ${connection}` : t`${permission} on ${connection} › ${resource}`
}

/** Returns "+ write on sales › Orders". */
export function changeText({ connection, permission, scope, given }: GridChange): string {
  return `${given ? '+' : '−'} ${permitText({ connection, permission, resource: scope.resource })}`
}

/** Returns whether an added permission covers more than one resource, which the review highlights. */
export function isBroad({ permission, limit }: Permit): boolean {
  return limit === null || permission === 'schema'
}
