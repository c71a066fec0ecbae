import type { Grant } from '../../../contract/grants.ts'
import type { Permit } from '../../../contract/records.ts'
import { pathCovers, toolCovers } from '../../text/resource-patterns.ts'

const LIMITS = ['tables', 'tools', 'paths'] as const

/** Returns grants as single permissions, one for each permission and resource, without duplicates. */
function permitsOf(grants: readonly Grant[]): Permit[] {
  const found = new Map<string, Permit>()
  for (const grant of grants) {
    for (const permission of grant.permissions) {
      for (const resource of resourcesOf(grant)) {
        const permit = { connection: grant.connection, permission, ...resource }
        found.set(JSON.stringify(permit), permit)
      }
    }
  }
  return [...found.values()]
}

/** Returns what `after` allows and `before` didn't. */
export function permitsGained(before: readonly Grant[], after: readonly Grant[]): Permit[] {
  return permitsOf(after).filter((permit) => !isHeld(permit, before))
}

/** Returns what `before` allowed and `after` doesn't. */
export function permitsLost(before: readonly Grant[], after: readonly Grant[]): Permit[] {
  return permitsGained(after, before)
}

function resourcesOf(grant: Grant): Pick<Permit, 'limit' | 'resource'>[] {
  const limits = LIMITS.filter((name) => grant[name] !== undefined)
  const [only] = limits
  if (only === undefined) return [{ limit: null, resource: null }]
  if (limits.length === 1) return (grant[only] ?? []).map((resource) => ({ limit: only, resource }))
  // A grant with two kinds of limits allows only what both include, which no single resource can express.
  const resource = limits.map((name) => `${name} ${(grant[name] ?? []).join(', ')}`).join('; ')
  return [{ limit: 'several', resource }]
}

function isHeld(permit: Permit, grants: readonly Grant[]): boolean {
  return grants.some(
    (grant) =>
      grant.connection === permit.connection &&
      grant.permissions.includes(permit.permission) &&
      resourcesOf(grant).some((held) => covers(held, permit)),
  )
}

function covers(held: Pick<Permit, 'limit' | 'resource'>, permit: Permit): boolean {
  if (held.limit === null) return true
  if (held.limit !== permit.limit || held.resource === null || permit.resource === null) return false
  if (held.limit === 'tools') return toolCovers(held.resource, permit.resource)
  if (held.limit === 'paths') return pathCovers(held.resource, permit.resource)
  return held.resource === permit.resource
}
