import { PERMISSIONS } from '../../contract/grants.ts'
import type { Grant, Permission } from '../../contract/grants.ts'
import type { Decision, Demand, Principal } from './principal.ts'
import { pathCovers, toolCovers } from '../text/resource-patterns.ts'
import { candidatesFor, grantsOn } from './grant-index.ts'
import { describePrincipal, quote, unauthorized } from './sentences.ts'

type NarrowedAway = 'table' | 'whole-document' | 'tool' | 'path'

/**
 * Decides whether a single grant covers the whole demand: the permission of one grant and the table of another don't
 * add up. `who` is the subject of the sentence. Connections outside the grants get the same sentence whether or not
 * they exist.
 */
export function decide(grants: readonly Grant[], demand: Demand, who = 'this token'): Decision {
  for (const grant of candidatesFor(grants, demand))
    if (grant.permissions.includes(demand.permission) && narrowedAway(grant, demand) === null)
      return { allowed: true, grant }
  const reason = reasonOf(grants, demand)
  return { allowed: false, reason, sentence: sentenceOf(reason, demand, who) }
}

/** Returns what the demand lacks: of the grants on its connection, the first one with its permission decides. */
function reasonOf(grants: readonly Grant[], demand: Demand): 'connection' | 'permission' | NarrowedAway {
  const there = grantsOn(grants, demand.connection)
  if (there.length === 0) return 'connection'
  const permitted = there.find((grant) => grant.permissions.includes(demand.permission))
  return permitted === undefined ? 'permission' : (narrowedAway(permitted, demand) ?? 'permission')
}

/** Returns the grant that allows the demand. Throws UNAUTHORIZED with the decision's sentence. */
export function requireGrant(principal: Pick<Principal, 'kind' | 'name' | 'grants'>, demand: Demand): Grant {
  const decision = decide(principal.grants, demand, describePrincipal(principal))
  if (!decision.allowed) throw unauthorized(decision.sentence)
  return decision.grant
}

/** Returns the permissions on a connection across all grants, in the contract's order. */
export function permissionsOn(grants: readonly Grant[], connection: string): Permission[] {
  const there = grantsOn(grants, connection)
  return PERMISSIONS.filter((permission) => there.some((grant) => grant.permissions.includes(permission)))
}

/**
 * Returns the tables that can be seen with a permission (by default read), or null if the grants aren't limited to
 * tables.
 */
export function tablesOn(
  grants: readonly Grant[],
  connection: string,
  permission: Permission = 'read',
): string[] | null {
  const tables = new Set<string>()
  for (const grant of grantsOn(grants, connection)) {
    if (!grant.permissions.includes(permission)) continue
    // A grant limited to paths or tools includes no table.
    if (grant.tools !== undefined || grant.paths !== undefined) continue
    if (grant.tables === undefined) return null
    for (const table of grant.tables) tables.add(table)
  }
  return [...tables]
}

/**
 * A limited grant covers a demand only if the demand names a resource of that kind and the grant includes it. A demand
 * without any resource (such as list_tables) passes, and the caller filters the result.
 */
function narrowedAway(grant: Grant, demand: Demand): NarrowedAway | null {
  const { tables, tools, paths } = grant
  if (tables === undefined && tools === undefined && paths === undefined) return null
  if (demand.wholeDocument === true) return 'whole-document'
  const { table, tool, path } = demand
  if (table === undefined && tool === undefined && path === undefined) return null
  const unnamed =
    (tables !== undefined && table === undefined) ||
    (tools !== undefined && tool === undefined) ||
    (paths !== undefined && path === undefined)
  if (unnamed) return named(demand)
  if (tables !== undefined && table !== undefined && !tables.includes(table)) return 'table'
  if (tools !== undefined && tool !== undefined && !tools.some((held) => toolCovers(held, tool))) return 'tool'
  if (paths !== undefined && path !== undefined && !paths.some((held) => pathCovers(held, path))) return 'path'
  return null
}

function named(demand: Demand): NarrowedAway {
  if (demand.table !== undefined) return 'table'
  return demand.tool === undefined ? 'path' : 'tool'
}

function sentenceOf(reason: 'connection' | 'permission' | NarrowedAway, demand: Demand, who: string): string {
  const connection = quote(demand.connection)
  switch (reason) {
    case 'connection':
      return `Document not in scope: ${who} has no access to ${connection}.`
    case 'permission':
      return `Permission denied: ${who} doesn't have the ${demand.permission} permission for ${connection}.`
    case 'table':
      return `Permission denied: ${who} doesn't have the ${demand.permission} permission for table ${quote(demand.table ?? '')} in ${connection}.`
    case 'whole-document':
      return `Permission denied: ${who} is limited to certain tables in ${connection}, so it can't run SQL queries. Use get_records instead.`
    case 'tool':
      return `Permission denied: ${who} can't use tool ${quote(demand.tool ?? '')} of ${connection}.`
    case 'path':
      return `Permission denied: ${who} doesn't have the ${demand.permission} permission for path ${quote(demand.path ?? '')} of ${connection}.`
  }
}
