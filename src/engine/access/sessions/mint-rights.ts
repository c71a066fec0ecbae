import { invalidRequest } from '../../../contract/errors.ts'
import { PERMISSIONS } from '../../../contract/grants.ts'
import type { Grant, Permission } from '../../../contract/grants.ts'
import type { ConnectionKind } from '../../../contract/records.ts'
import { DEFAULT_SESSION_SECONDS, LONGEST_SESSION_SECONDS } from '../../../contract/session-request.ts'
import type { SessionRequest } from '../../../contract/session-request.ts'
import type { ConnectionRow } from '../../store/rows.ts'
import { decide } from '../decide.ts'
import { intersectGrants } from '../narrow.ts'
import { isPathPattern } from '../../text/resource-patterns.ts'
import { quote, quoteAll, unauthorized } from '../sentences.ts'

/** What a session token gets: bounded by its parent's grants at this moment. */
export interface SessionRights {
  connection: string
  permissions: Permission[]
  resources: string[] | null
  grants: Grant[]
}

const DOCUMENT_KINDS: ReadonlySet<ConnectionKind> = new Set<ConnectionKind>(['grist', 'sqlite'])

export function isDocument(connection: ConnectionRow): boolean {
  return DOCUMENT_KINDS.has(connection.kind)
}

/** Known permission words without repeats; INVALID_REQUEST names an unknown one. */
export function parsePermissions(words: readonly string[]): Permission[] {
  const unknown = words.find((word) => !PERMISSIONS.some((permission) => permission === word))
  if (unknown !== undefined) {
    throw invalidRequest(`permissions: ${quote(unknown)} is not a permission; give any of ${PERMISSIONS.join(', ')}.`)
  }
  if (words.length === 0) throw invalidRequest(`permissions: give at least one of ${PERMISSIONS.join(', ')}.`)
  return PERMISSIONS.filter((permission) => words.includes(permission))
}

/** Seconds granted: the default for none, the longest for more than that. INVALID_REQUEST unless a whole number above zero. */
export function sessionSeconds(asked: number | undefined): number {
  if (asked === undefined) return DEFAULT_SESSION_SECONDS
  if (!Number.isInteger(asked) || asked < 1)
    throw invalidRequest('ttl_seconds: must be a whole number of seconds, at least 1.')
  return Math.min(asked, LONGEST_SESSION_SECONDS)
}

/** `document` and `connection` are two words for one thing; neither means the only document that the grants reach. */
export function chooseConnection(
  request: SessionRequest,
  grants: readonly Grant[],
  included: readonly ConnectionRow[],
): string {
  const { document, connection } = request
  if (document !== undefined && connection !== undefined && document !== connection) {
    throw invalidRequest(
      `document and connection: ${quote(document)} and ${quote(connection)} differ; give one of them.`,
    )
  }
  const asked = document ?? connection
  if (asked !== undefined) return asked
  const documents = included.filter(isDocument).map((row) => row.name)
  const reachable = documents.filter((name) => grants.some((grant) => grant.connection === name))
  const [only] = reachable
  if (only === undefined) throw invalidRequest('document: this token reaches no document.')
  if (reachable.length > 1) throw invalidRequest(`document: say which one: ${quoteAll(reachable)}.`)
  return only
}

/** Holds a request to the grants; every refusal has the sentence that the same demand would get at use. */
export function rightsWithin(
  grants: readonly Grant[],
  request: SessionRequest,
  included: readonly ConnectionRow[],
  who: string,
): SessionRights {
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
  const asked: Grant = {
    connection,
    permissions,
    ...(dimension === null || resources === null ? {} : { [dimension]: resources }),
  }
  return { connection, permissions, resources, grants: intersectGrants([asked], grants) }
}

function requireDecision(grants: readonly Grant[], demand: Parameters<typeof decide>[1], who: string): void {
  const decision = decide(grants, demand, who)
  if (!decision.allowed) throw unauthorized(decision.sentence)
}

function dimensionOf(row: ConnectionRow | undefined, resources: readonly string[]): 'tables' | 'paths' {
  if (resources.length === 0) throw invalidRequest('resources: give at least one, or leave it out.')
  if (row !== undefined && isDocument(row)) return 'tables'
  if (row?.kind !== 'http')
    throw invalidRequest('resources: only documents and HTTP APIs can be narrowed for a session token.')
  const odd = resources.find((resource) => !isPathPattern(resource))
  if (odd !== undefined)
    throw invalidRequest(`resources: ${quote(odd)} is not a path such as /v1/listings or /v1/listings/*.`)
  return 'paths'
}
