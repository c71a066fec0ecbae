import { invalidRequest } from '../../../contract/errors.ts'
import { PERMISSIONS } from '../../../contract/grants.ts'
import type { Grant, Permission } from '../../../contract/grants.ts'
import type { ConnectionKind } from '../../../contract/records.ts'
import { DEFAULT_SESSION_SECONDS, LONGEST_SESSION_SECONDS } from '../../../contract/session-request.ts'
import type { SessionRequest } from '../../../contract/session-request.ts'
import type { ConnectionRow } from '../../store/rows.ts'
import { decide } from '../decide.ts'
import { grantsOn } from '../grant-index.ts'
import { intersectGrants } from '../narrow.ts'
import { isPathPattern } from '../../text/resource-patterns.ts'
import { listed, quote, unauthorized } from '../sentences.ts'

/** Access of a new session token, limited by its parent's current grants. */
export interface SessionAccess {
  connection: string
  permissions: Permission[]
  resources: string[] | null
  grants: Grant[]
}

const DOCUMENT_KINDS: ReadonlySet<ConnectionKind> = new Set<ConnectionKind>(['grist', 'sqlite'])

export function isDocument(connection: Pick<ConnectionRow, 'kind'>): boolean {
  return DOCUMENT_KINDS.has(connection.kind)
}

/** Returns known permissions without duplicates. Throws INVALID_REQUEST that names an unknown one. */
export function parsePermissions(given: readonly string[]): Permission[] {
  const unknown = given.find((one) => !PERMISSIONS.some((permission) => permission === one))
  if (unknown !== undefined) {
    throw invalidRequest(`Unknown permission ${quote(unknown)}. Use read, write or schema.`, 'permissions')
  }
  if (given.length === 0) throw invalidRequest('Choose at least one permission: read, write or schema.', 'permissions')
  return PERMISSIONS.filter((permission) => given.includes(permission))
}

/**
 * Returns the granted lifetime in seconds: the default if none is requested, at most the maximum. Throws
 * INVALID_REQUEST unless it is a whole number above zero.
 */
export function sessionSeconds(requested: number | undefined): number {
  if (requested === undefined) return DEFAULT_SESSION_SECONDS
  if (!Number.isInteger(requested) || requested < 1)
    throw invalidRequest('The lifetime must be a whole number of seconds, at least 1.', 'ttl_seconds')
  return Math.min(requested, LONGEST_SESSION_SECONDS)
}

/** `document` and `connection` mean the same. If both are missing, the only reachable document is used. */
function chooseConnection(
  request: SessionRequest,
  grants: readonly Grant[],
  included: readonly ConnectionRow[],
): string {
  const { document, connection } = request
  if (document !== undefined && connection !== undefined && document !== connection) {
    throw invalidRequest(
      `document and connection name different connections (${quote(document)} and ${quote(connection)}). Send only one of them.`,
      'connection',
    )
  }
  const requested = document ?? connection
  if (requested !== undefined) return requested
  const documents = included.filter(isDocument).map((row) => row.name)
  const reachable = documents.filter((name) => grantsOn(grants, name).length > 0)
  const [only] = reachable
  if (only === undefined) throw invalidRequest('This token has no access to any document.', 'document')
  if (reachable.length > 1)
    throw invalidRequest(`This token has access to several documents. Choose one: ${listed(reachable)}.`, 'document')
  return only
}

/** Limits a request to the grants. Errors have the same sentence as when using the session token. */
export function accessWithin(
  grants: readonly Grant[],
  request: SessionRequest,
  included: readonly ConnectionRow[],
  who: string,
): SessionAccess {
  const permissions = parsePermissions(request.permissions)
  const connection = chooseConnection(request, grants, included)
  for (const permission of permissions) requireDecision(grants, { permission, connection }, who)
  const row = included.find((candidate) => candidate.name === connection)
  const resources = request.resources === undefined ? null : [...new Set(request.resources)]
  const dimension = resources === null ? null : dimensionOf(row, resources)
  for (const resource of resources ?? []) {
    for (const permission of permissions) {
      requireDecision(
        grants,
        { permission, connection, ...(dimension === 'tables' ? { table: resource } : { path: resource }) },
        who,
      )
    }
  }
  const requested: Grant = {
    connection,
    permissions,
    ...(dimension === null || resources === null ? {} : { [dimension]: resources }),
  }
  return { connection, permissions, resources, grants: intersectGrants([requested], grants) }
}

function requireDecision(grants: readonly Grant[], demand: Parameters<typeof decide>[1], who: string): void {
  const decision = decide(grants, demand, who)
  if (!decision.allowed) throw unauthorized(decision.sentence)
}

function dimensionOf(row: ConnectionRow | undefined, resources: readonly string[]): 'tables' | 'paths' {
  if (resources.length === 0)
    throw invalidRequest('The list of resources is empty. Name at least one, or leave it out.', 'resources')
  if (row !== undefined && isDocument(row)) return 'tables'
  if (row?.kind !== 'http')
    throw invalidRequest('Resources can only be limited for documents and HTTP APIs.', 'resources')
  const odd = resources.find((resource) => !isPathPattern(resource))
  if (odd !== undefined)
    throw invalidRequest(`Invalid path ${quote(odd)}. Use a path such as /listings or /listings/*`, 'resources')
  return 'paths'
}
