import { PERMISSIONS, type Grant, type Permission } from '../../../../contract/grants.ts'
import type { ConnectionKind } from '../../../../contract/records.ts'

export type Limit = 'tables' | 'tools' | 'paths'
export const LIMITS = ['tables', 'tools', 'paths'] as const

/** All of a connection, or one resource of it. */
export type Scope = { limit: null; resource: null } | { limit: Limit; resource: string }
export const WHOLE: Scope = { limit: null, resource: null }

/** A line of the grid, with its current permissions. */
interface GridLine {
  scope: Scope
  held: readonly Permission[]
}

type CellState = 'full' | 'partial' | 'empty'

/** What resources of a connection can be limited to, by kind. The first is offered for typing. */
export function limitsOf(kind: ConnectionKind): readonly Limit[] {
  if (kind === 'mcp') return ['tools']
  return kind === 'http' ? ['paths', 'tools'] : ['tables']
}

/** Whether the grant covers all of its connection. */
export function isWhole(grant: Grant): boolean {
  return LIMITS.every((limit) => grant[limit] === undefined)
}

/** A grant with two kinds of limits can't be shown as lines of single resources. */
export function isCustom(grant: Grant): boolean {
  return LIMITS.filter((limit) => grant[limit] !== undefined).length > 1
}

/** A grant that is limited to resources, of which none is chosen yet. It can't be saved. */
export function isUnchosen(grant: Grant): boolean {
  return LIMITS.some((limit) => grant[limit]?.length === 0)
}

/** Returns the grants with those of a whole connection limited to resources that are still to be chosen. */
export function limitedTo(grants: readonly Grant[], connection: string, limit: Limit): Grant[] {
  return grants.map((grant) => (grant.connection === connection && isWhole(grant) ? { ...grant, [limit]: [] } : grant))
}

/** Returns the grants with all of a connection allowed where no resource was chosen. */
export function allowedAll(grants: readonly Grant[], connection: string): Grant[] {
  return grants
    .filter((grant) => grant.connection === connection && isUnchosen(grant))
    .flatMap(({ permissions }) => permissions)
    .reduce((next, permission) => withPermission(next, connection, WHOLE, permission, true), [...grants])
}

/** A permission on one scope that one of two lists of grants has and the other doesn't. */
export interface GridChange {
  connection: string
  scope: Scope
  permission: Permission
  given: boolean
}

/** Returns which boxes of the grid differ, by connection. */
export function changesBetween(before: readonly Grant[], after: readonly Grant[]): GridChange[] {
  const names = new Set([...before, ...after].map(({ connection }) => connection))
  return [...names].flatMap((connection) => {
    const [was, is] = [heldOn(before, connection), heldOn(after, connection)]
    return [...new Set([...was.keys(), ...is.keys()])].flatMap((key) =>
      PERMISSIONS.flatMap((permission): GridChange[] => {
        const given = is.get(key)?.includes(permission) === true
        if (given === (was.get(key)?.includes(permission) === true)) return []
        return [{ connection, scope: scopeOf(key), permission, given }]
      }),
    )
  })
}

/** Returns the custom grants of the first list that the second doesn't have. */
export function customMissing(before: readonly Grant[], after: readonly Grant[]): Grant[] {
  const left = new Set(after.map((grant) => JSON.stringify(grant)))
  return before.filter((grant) => isCustom(grant) && !left.has(JSON.stringify(grant)))
}

/**
 * Returns the lines of a connection: the whole connection first, then each resource that a grant names or that is
 * known.
 */
export function linesOf(grants: readonly Grant[], connection: string, known: readonly Scope[] = []): GridLine[] {
  const held = heldOn(grants, connection)
  const scopes = [WHOLE, ...[...held.keys()].map(scopeOf), ...known]
  const lines = new Map(scopes.map((scope) => [keyOf(scope), scope]))
  return [...lines].map(([key, scope]) => ({ scope, held: held.get(key) ?? [] }))
}

/**
 * Returns what a permission's checkbox for the whole connection shows: granted on all of it, on a part, or not at all.
 */
export function cellOf(grants: readonly Grant[], connection: string, permission: Permission): CellState {
  const there = grants.filter((grant) => grant.connection === connection && grant.permissions.includes(permission))
  if (there.some(isWhole)) return 'full'
  return there.length > 0 ? 'partial' : 'empty'
}

/**
 * Returns the grants with one permission added or removed at one scope. Only that connection's grants change: resources
 * with equal permissions share one grant, and custom grants are unchanged.
 */
export function withPermission(
  grants: readonly Grant[],
  connection: string,
  scope: Scope,
  permission: Permission,
  given: boolean,
): Grant[] {
  const held = heldOn(grants, connection)
  const before = held.get(keyOf(scope)) ?? []
  const after = PERMISSIONS.filter((one) => (one === permission ? given : before.includes(one)))
  if (after.length === 0) held.delete(keyOf(scope))
  else held.set(keyOf(scope), after)
  const mine = (grant: Grant): boolean => grant.connection === connection
  const at = grants.findIndex(mine)
  const rest = grants.filter((grant) => !mine(grant))
  // What is chosen, or allowed as a whole, takes the place of a choice that was still to be made.
  const kept = grants.filter((grant) => mine(grant) && (isCustom(grant) || (!given && isUnchosen(grant))))
  const next = [...groupsOf(connection, held), ...kept]
  const place = at === -1 ? rest.length : grants.slice(0, at).filter((grant) => !mine(grant)).length
  return [...rest.slice(0, place), ...next, ...rest.slice(place)]
}

function heldOn(grants: readonly Grant[], connection: string): Map<string, readonly Permission[]> {
  const held = new Map<string, readonly Permission[]>()
  for (const grant of grants) {
    if (grant.connection !== connection || isCustom(grant)) continue
    const limit = LIMITS.find((name) => grant[name] !== undefined)
    const scopes: Scope[] =
      limit === undefined ? [WHOLE] : (grant[limit] ?? []).map((resource) => ({ limit, resource }))
    for (const scope of scopes) {
      const key = keyOf(scope)
      const both = [...(held.get(key) ?? []), ...grant.permissions]
      held.set(
        key,
        PERMISSIONS.filter((permission) => both.includes(permission)),
      )
    }
  }
  return held
}

function groupsOf(connection: string, held: ReadonlyMap<string, readonly Permission[]>): Grant[] {
  const groups = new Map<string, Grant>()
  for (const [key, permissions] of held) {
    const { limit, resource } = scopeOf(key)
    const id = `${limit ?? ''}:${permissions.join('+')}`
    const group = groups.get(id)
    if (limit === null) groups.set(id, { connection, permissions: [...permissions] })
    else if (group === undefined) groups.set(id, { connection, permissions: [...permissions], [limit]: [resource] })
    else group[limit]?.push(resource)
  }
  return [...groups.values()].toSorted((one, other) => Number(isWhole(other)) - Number(isWhole(one)))
}

function keyOf(scope: Scope): string {
  return scope.limit === null ? '' : `${scope.limit}:${scope.resource}`
}

function scopeOf(key: string): Scope {
  if (key === '') return WHOLE
  const colon = key.indexOf(':')
  return { limit: key.slice(0, colon) as Limit, resource: key.slice(colon + 1) }
}
