import { PERMISSIONS } from '../../contract/grants.ts'
import type { Grant, Permission } from '../../contract/grants.ts'
import type { Decision, Demand, Principal } from './principal.ts'
import { pathCovers, toolCovers } from '../text/resource-patterns.ts'
import { describePrincipal, quote, unauthorized } from './sentences.ts'

const BY_CONNECTION = Symbol('grants by connection')
type Indexed = readonly Grant[] & { readonly [BY_CONNECTION]?: ReadonlyMap<string, readonly Grant[]> }

/** Below this many grants a look at each of them is quicker than an index. */
const MIN_INDEXED = 16

/**
 * Returns the grants on one connection. The index is kept with the list that it was made from, which nobody changes: rights
 * that change are a new list.
 */
export function grantsOn(grants: Indexed, connection: string): readonly Grant[] {
  if (grants.length < MIN_INDEXED || Object.isFrozen(grants))
    return grants.filter((grant) => grant.connection === connection)
  const index = grants[BY_CONNECTION] ?? indexGrants(grants)
  return index.get(connection) ?? []
}

function indexGrants(grants: Indexed): ReadonlyMap<string, readonly Grant[]> {
  const index = Map.groupBy(grants, (grant) => grant.connection)
  Object.defineProperty(grants, BY_CONNECTION, { value: index })
  return index
}

type NarrowedAway = 'table' | 'whole-document' | 'tool' | 'path'

/**
 * Judges a demand. One grant alone must cover all of it: the permission of one and the table of another never add up.
 * `who` stands in the sentence. A connection outside the grants gets the same sentence whether or not it exists.
 */
export function decide(grants: readonly Grant[], demand: Demand, who = 'this token'): Decision {
  let reason: 'connection' | 'permission' | NarrowedAway = 'connection'
  for (const grant of grantsOn(grants, demand.connection)) {
    if (!grant.permissions.includes(demand.permission)) {
      if (reason === 'connection') reason = 'permission'
      continue
    }
    const away = narrowedAway(grant, demand)
    if (away === null) return { allowed: true, grant }
    if (reason === 'connection' || reason === 'permission') reason = away
  }
  return { allowed: false, reason, sentence: sentenceOf(reason, demand, who) }
}

/** The grant that allows the demand; throws UNAUTHORIZED with the decision's sentence. */
export function requireGrant(principal: Pick<Principal, 'kind' | 'name' | 'grants'>, demand: Demand): Grant {
  const decision = decide(principal.grants, demand, describePrincipal(principal))
  if (!decision.allowed) throw unauthorized(decision.sentence)
  return decision.grant
}

/** Permissions held on a connection through any grant, in the contract's order. */
export function permissionsOn(grants: readonly Grant[], connection: string): Permission[] {
  const there = grantsOn(grants, connection)
  return PERMISSIONS.filter((permission) => there.some((grant) => grant.permissions.includes(permission)))
}

/** Tables of a document that may be seen with a permission (read, if none is named); null when it is not narrowed to tables. */
export function tablesOn(
  grants: readonly Grant[],
  connection: string,
  permission: Permission = 'read',
): string[] | null {
  const tables = new Set<string>()
  for (const grant of grantsOn(grants, connection)) {
    if (!grant.permissions.includes(permission)) continue
    // A grant narrowed to paths or tools reaches no table.
    if (grant.tools !== undefined || grant.paths !== undefined) continue
    if (grant.tables === undefined) return null
    for (const table of grant.tables) tables.add(table)
  }
  return [...tables]
}

/**
 * Each narrowed dimension must be named by the demand and be covered; a demand that does not name it is outside. Only a
 * demand for nothing in particular (list_tables, say) passes a narrowed grant: its answer is narrowed by who gives it.
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
