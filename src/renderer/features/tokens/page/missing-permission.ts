import { PERMISSIONS, type Permission } from '../../../../contract/grants.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import { WHOLE, type Limit, type Scope } from './permission-grid.ts'

/** What a token would need for a request that was denied. */
export interface MissingPermission {
  connection: string
  permission: Permission
  scope: Scope
}

const LIMIT_OF = { table: 'tables', tool: 'tools', path: 'paths' } as const satisfies Record<string, Limit>

/** Returns the smallest permission that a denied request needed, or null if no permission would have allowed it. */
export function missingPermission({ refusal, connection, permission }: RequestRecord): MissingPermission | null {
  const held = PERMISSIONS.find((one) => one === permission)
  if (refusal === null || connection === null || held === undefined) return null
  // The engine's words, which are the same in every language.
  const start = `${held} on ${connection}`
  if (!refusal.needed.startsWith(start)) return null
  const [, part, resource] = /^, (table|tool|path) (.+)$/s.exec(refusal.needed.slice(start.length)) ?? []
  if (part === undefined || resource === undefined) return { connection, permission: held, scope: WHOLE }
  const limit = LIMIT_OF[part as keyof typeof LIMIT_OF]
  // An operation of an HTTP API is named as a tool, and its path follows.
  const name = limit === 'tools' ? resource.replace(/, path \/.*$/s, '') : resource
  return { connection, permission: held, scope: { limit, resource: name } }
}
