import type { RequestRecord } from '../records.ts'

/**
 * Returns how many agents made these requests. A token and its session tokens are one agent. Session tokens that the owner
 * created belong to none, so each counts by itself.
 */
export function countAgents(callers: readonly RequestRecord[]): number {
  const agents = callers.map(({ project, parent, token }) =>
    JSON.stringify([project, parent === null || parent === 'owner' ? token : parent]),
  )
  return new Set(agents).size
}
