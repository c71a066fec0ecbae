import { HallpassError } from '../../../contract/errors.ts'
import type { Principal } from '../../access/principal.ts'
import { requireGrant } from '../../access/decide.ts'
import { describePrincipal, quote } from '../../access/sentences.ts'

/**
 * Whether the resources and prompts of an MCP connection are within reach: they are no tools, so a grant narrowed to certain
 * tools does not reach them.
 */
export function readsWhole({ grants }: Pick<Principal, 'grants'>, connection: string): boolean {
  return grants.some((grant) => grant.connection === connection && grant.permissions.includes('read') && isWhole(grant))
}

/** Throws UNAUTHORIZED with the sentence that says why. */
export function requireWhole(principal: Principal, connection: string, permission: 'read' | 'write' = 'read'): void {
  const { grants } = principal
  if (
    grants.some((grant) => grant.connection === connection && grant.permissions.includes(permission) && isWhole(grant))
  )
    return
  requireGrant(principal, { permission, connection })
  throw new HallpassError(
    'UNAUTHORIZED',
    `Permission denied: ${describePrincipal(principal)} is narrowed to certain tools of ${quote(connection)}, and nothing else of it is within reach.`,
  )
}

function isWhole({ tools, tables, paths }: Principal['grants'][number]): boolean {
  return tools === undefined && tables === undefined && paths === undefined
}
