import type { Grant } from '../../contract/grants.ts'
import type { Demand } from './principal.ts'

const INDEX = Symbol('grants by connection')
type Indexed = readonly Grant[] & { readonly [INDEX]?: ReadonlyMap<string, GrantsOfConnection> }

/** With fewer grants and resources, checking each is faster than an index. */
const MIN_INDEXED = 16

/** The grants on one connection, and those that name a resource. */
interface GrantsOfConnection {
  all: readonly Grant[]
  /** Grants that are checked for each resource: not limited, limited in two ways, or with patterns. */
  general: readonly Grant[]
  /** Positions of these grants. */
  always: readonly number[]
  /** Positions of the grants that name a resource. A path pattern is listed by what precedes its `*`. */
  tables: ReadonlyMap<string, readonly number[]>
  tools: ReadonlyMap<string, readonly number[]>
  paths: ReadonlyMap<string, readonly number[]>
  /** The number of slashes in the longest path pattern, so that a long path is not cut into more pieces. */
  deepest: number
}

/** Returns the grants on one connection. */
export function grantsOn(grants: readonly Grant[], connection: string): readonly Grant[] {
  const index = indexOf(grants)
  if (index === null) return grants.filter((grant) => grant.connection === connection)
  return index.get(connection)?.all ?? []
}

/**
 * Returns the grants on a connection that can cover a demand, in their order. The others can't, but not each of these does.
 * With a thousand grants on single paths, it returns a few.
 */
export function candidatesFor(grants: readonly Grant[], demand: Demand): readonly Grant[] {
  const index = indexOf(grants)
  if (index === null) return grants.filter((grant) => grant.connection === demand.connection)
  const known = index.get(demand.connection)
  if (known === undefined) return []
  const { table, tool, path } = demand
  const named = Number(table !== undefined) + Number(tool !== undefined) + Number(path !== undefined)
  // An encoded path is compared piece by piece.
  if (demand.wholeDocument === true || named !== 1 || path?.includes('%') === true) return known.all
  const found =
    path === undefined
      ? ((table === undefined ? known.tools.get(tool ?? '') : known.tables.get(table)) ?? [])
      : namesOfPath(path, known.deepest).flatMap((name) => known.paths.get(name) ?? [])
  if (found.length === 0) return known.general
  const positions = [...new Set([...known.always, ...found])].toSorted((one, other) => one - other)
  return positions.map((position) => known.all[position] as Grant)
}

/** Returns the path itself, and everything of it that ends in a slash: `/`, `/v1/`, `/v1/users/` of `/v1/users/7`. */
function namesOfPath(path: string, deepest: number): string[] {
  const names = [path]
  let at = path.indexOf('/')
  for (let depth = 1; at !== -1 && depth <= deepest; depth += 1) {
    names.push(path.slice(0, at + 1))
    at = path.indexOf('/', at + 1)
  }
  return names
}

/**
 * Returns the index of a list, or null for a short or frozen one. It is kept with the list, because lists of grants are immutable:
 * changed permissions are a new list.
 */
function indexOf(grants: Indexed): ReadonlyMap<string, GrantsOfConnection> | null {
  if (grants[INDEX] !== undefined) return grants[INDEX]
  if (Object.isFrozen(grants) || isShort(grants)) return null
  const index = new Map(
    [...Map.groupBy(grants, ({ connection }) => connection)].map(([connection, all]) => [connection, indexed(all)]),
  )
  Object.defineProperty(grants, INDEX, { value: index })
  return index
}

function isShort(grants: readonly Grant[]): boolean {
  if (grants.length >= MIN_INDEXED) return false
  const resources = grants.reduce((sum, grant) => sum + resourcesOf(grant), 0)
  return resources < MIN_INDEXED
}

function resourcesOf({ tables, tools, paths }: Grant): number {
  return (tables?.length ?? 0) + (tools?.length ?? 0) + (paths?.length ?? 0)
}

function indexed(all: readonly Grant[]): GrantsOfConnection {
  const always: number[] = []
  const maps = {
    tables: new Map<string, number[]>(),
    tools: new Map<string, number[]>(),
    paths: new Map<string, number[]>(),
  }
  let deepest = 0
  for (const [position, grant] of all.entries()) {
    const kinds = (['tables', 'tools', 'paths'] as const).filter((kind) => grant[kind] !== undefined)
    const [kind] = kinds
    const names = kind === undefined ? [] : (grant[kind] ?? [])
    if (kind === undefined || kinds.length > 1 || names.some((name) => needsComparison(kind, name))) {
      always.push(position)
      continue
    }
    for (const name of names) {
      const key = kind === 'paths' && name.endsWith('/*') ? name.slice(0, -1) : name
      const positions = maps[kind].get(key)
      if (positions === undefined) maps[kind].set(key, [position])
      else positions.push(position)
      if (kind === 'paths') deepest = Math.max(deepest, key.split('/').length - 1)
    }
  }
  return { all, general: always.map((position) => all[position] as Grant), always, ...maps, deepest }
}

/** Returns whether a name must be compared with each demand: a tool pattern, or an encoded path. */
function needsComparison(kind: 'tables' | 'tools' | 'paths', name: string): boolean {
  return (kind === 'tools' && name.includes('*')) || (kind === 'paths' && name.includes('%'))
}
