import type { Grant } from '../../contract/grants.ts'
import { pathCovers, toolCovers } from '../text/resource-patterns.ts'
import { grantsOn } from './grant-index.ts'

/**
 * Returns what both lists allow. Grants are intersected in pairs, so that no result allows more than one grant of `own`
 * and one of `held`. Pairs with nothing in common are dropped.
 */
export function intersectGrants(own: readonly Grant[], held: readonly Grant[]): Grant[] {
  const both: Grant[] = []
  for (const mine of own) {
    for (const theirs of grantsOn(held, mine.connection)) {
      const common = intersect(mine, theirs)
      if (common !== null) both.push(common)
    }
  }
  return both
}

function intersect(mine: Grant, theirs: Grant): Grant | null {
  const permissions = mine.permissions.filter((permission) => theirs.permissions.includes(permission))
  const tables = common(mine.tables, theirs.tables, (outer, inner) => outer === inner)
  const tools = common(mine.tools, theirs.tools, toolCovers)
  const paths = common(mine.paths, theirs.paths, pathCovers)
  if (permissions.length === 0 || [tables, tools, paths].some((list) => list?.length === 0)) return null
  return {
    connection: mine.connection,
    permissions,
    ...(tables === undefined ? {} : { tables }),
    ...(tools === undefined ? {} : { tools }),
    ...(paths === undefined ? {} : { paths }),
  }
}

/**
 * A missing list means no limit. If two patterns overlap without one covering the other, the result is empty, because
 * it must never allow more than either.
 */
function common(
  mine: string[] | undefined,
  theirs: string[] | undefined,
  covers: (outer: string, inner: string) => boolean,
): string[] | undefined {
  if (mine === undefined) return theirs
  if (theirs === undefined) return mine
  return [
    ...mine.filter((inner) => theirs.some((outer) => covers(outer, inner))),
    ...theirs.filter((inner) => !mine.includes(inner) && mine.some((outer) => covers(outer, inner))),
  ]
}
