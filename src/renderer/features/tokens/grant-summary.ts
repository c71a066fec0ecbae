import { ROLES, type Grant, type Permission, type Role } from '../../../contract/grants.ts'
import type { ConnectionKind } from '../../../contract/records.ts'

const VERBS: Record<Permission, string> = { read: 'read', write: 'write', schema: 'change the schema of' }

/**
 * Returns "read and write Orders in sales, but not change its schema". `kind` is undefined if the connection no longer
 * exists.
 */
export function grantSummary(grant: Grant, kind: ConnectionKind | undefined): string {
  const isDocument = kind === 'grist' || kind === 'sqlite'
  const can = joined(
    grant.permissions
      .filter((permission) => permission !== 'schema' || !isDocument)
      .map((permission) => VERBS[permission]),
  )
  const resources = [...(grant.tables ?? []), ...(grant.paths ?? []), ...(grant.tools ?? [])]
  const where = resources.length === 0 ? grant.connection : `${joined(resources)} in ${grant.connection}`
  if (!isDocument) return `${can} ${where}`
  const schema = grant.permissions.includes('schema')
  const rest = schema
    ? 'and change its schema'
    : grant.permissions.includes('write')
      ? ', but not change its schema'
      : ', but not write'
  return can === '' ? `change the schema of ${where}` : `${can} ${where}${rest.startsWith(',') ? rest : ` ${rest}`}`
}

/** Describes a token's access in one sentence, including what it can't do, because people ask for that. */
export function accessSummary(
  grants: readonly Grant[],
  kindOf: (connection: string) => ConnectionKind | undefined,
): string {
  if (grants.length === 0) return 'No access yet.'
  return `Can ${grants.map((grant) => grantSummary(grant, kindOf(grant.connection))).join('. Can ')}.`
}

/** Returns the role with exactly these permissions, or null. */
export function roleOf(permissions: readonly Permission[]): Role | null {
  const wanted = new Set(permissions)
  for (const [role, has] of Object.entries(ROLES) as [Role, readonly Permission[]][]) {
    if (has.length === wanted.size && has.every((permission) => wanted.has(permission))) return role
  }
  return null
}

function joined(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('')
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}
