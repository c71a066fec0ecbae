import { grantsOn } from '../../access/grant-index.ts'
import type { Principal } from '../../access/principal.ts'
import { describePrincipal, quote } from '../../access/sentences.ts'

/**
 * Returns whether the resources and prompts of an MCP connection are reachable. They aren't tools, so a grant limited
 * to tools doesn't include them.
 */
export function readsWhole({ grants }: Pick<Principal, 'grants'>, connection: string): boolean {
  return grantsOn(grants, connection).some((grant) => grant.permissions.includes('read') && isWhole(grant))
}

export function limitedToTools(principal: Principal, connection: string): string {
  return `Permission denied: ${describePrincipal(principal)} is limited to certain tools of ${quote(connection)} and can't use its resources or prompts.`
}

function isWhole({ tools, tables, paths }: Principal['grants'][number]): boolean {
  return tools === undefined && tables === undefined && paths === undefined
}
