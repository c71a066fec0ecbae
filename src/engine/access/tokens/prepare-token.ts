import { invalidRequest } from '../../../contract/errors.ts'
import { invalidInput } from '../../../contract/input-errors.ts'
import { grantSchema, type Grant } from '../../../contract/grants.ts'
import { tokenNameSchema } from '../../../contract/names.ts'
import type { Store } from '../../store/store.ts'
import type { ConnectionRow, NewToken, ProjectRow } from '../../store/rows.ts'
import type { TokenRequest } from '../access.ts'
import type { Lifetime } from './lifetime.ts'
import { parseRate } from '../rate-limiter.ts'
import { listed, quote, unknownName } from '../sentences.ts'
import { storedAnswerChars } from './access-records.ts'
import { storedBudget } from './budgets.ts'
import { expiryOf } from './time-to-live.ts'
import { newAccessToken } from '../../text/token-format.ts'
import { isDocument } from '../sessions/session-access.ts'
import { isPathPattern } from '../../text/resource-patterns.ts'

export function projectNamed(store: Store, name: string): ProjectRow {
  const project = store.read.project(name)
  if (project === null) throw unknownName('project', name)
  return project
}

/** Validates the whole request before anything changes. Returns the row to write and the secret to show once. */
export function prepareToken(
  store: Store,
  lifetime: Lifetime,
  request: TokenRequest,
): { row: NewToken; secret: string | null } {
  const project = projectNamed(store, request.project)
  const name = tokenNameSchema.safeParse(request.name)
  if (!name.success)
    throw invalidInput([{ message: name.error.issues[0]?.message ?? 'The name is invalid', path: ['name'] }])
  if (request.clone === true && (request.grants?.length ?? 0) > 0)
    throw invalidRequest('Send either grants or clone, not both.', 'clone')
  const included = store.read.connections(project.id)
  const grants =
    request.clone === true ? cloneGrants(included) : checkGrants(request.grants ?? [], included, project.name)
  if (request.rate !== undefined) parseRate(request.rate)
  const now = lifetime.now()
  const expiresAt = expiryOf(request.ttl, now)
  if (request.force !== true && store.read.token(project.id, request.name) !== null) {
    throw invalidRequest(`Token ${quote(request.name)} already exists in project ${quote(project.name)}.`, 'name', {
      reason: 'exists',
    })
  }
  const created = request.kind === 'access' ? newAccessToken() : null
  return {
    secret: created?.token ?? null,
    row: {
      project_id: project.id,
      name: request.name,
      kind: request.kind,
      prefix: created?.prefix ?? null,
      hash: created?.hash ?? null,
      grants,
      rate: request.rate ?? null,
      created_at: now,
      expires_at: expiresAt,
      mode: request.mode ?? null,
      answer_chars: storedAnswerChars(request.answer_chars ?? null),
      description: request.description ?? '',
      budget: storedBudget(request.budget),
    },
  }
}

/** Returns every permission on each connection of the project. */
export function cloneGrants(included: readonly ConnectionRow[]): Grant[] {
  return included.map(({ name }) => ({ connection: name, permissions: ['read', 'write', 'schema'] }))
}

/**
 * Returns the grants to store. Throws INVALID_REQUEST for a connection outside the project or a limit that can't apply
 * to its kind.
 */
export function checkGrants(
  grants: readonly Grant[],
  included: readonly Pick<ConnectionRow, 'name' | 'kind'>[],
  project: string,
): Grant[] {
  return grants.map((grant, index) => {
    const parsed = grantSchema.safeParse(grant)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw invalidInput([
        { message: issue?.message ?? 'The grant is invalid', path: ['grants', index, ...(issue?.path ?? [])] },
      ])
    }
    const row = included.find((candidate) => candidate.name === grant.connection)
    if (row === undefined) {
      const names = included.map((candidate) => candidate.name)
      const known = names.length === 0 ? 'The project has no connections yet.' : `Available: ${listed(names)}.`
      throw invalidRequest(
        `Connection ${quote(grant.connection)} isn't in project ${quote(project)}. ${known}`,
        'grants',
      )
    }
    checkNarrowing(parsed.data, row)
    return { ...parsed.data, permissions: [...new Set(parsed.data.permissions)] }
  })
}

function checkNarrowing(grant: Grant, row: Pick<ConnectionRow, 'name' | 'kind'>): void {
  const name = quote(row.name)
  if (grant.tables !== undefined && !isDocument(row))
    throw invalidRequest(
      `Access to ${name} can't be limited to tables, because it's ${row.kind === 'http' ? 'an HTTP API' : 'an MCP server'}.`,
      'grants',
    )
  if (grant.tools !== undefined && isDocument(row))
    throw invalidRequest(`Access to a document can be limited to tables, not tools (${name}).`, 'grants')
  if (grant.paths !== undefined && row.kind !== 'http')
    throw invalidRequest(`Access to ${name} can't be limited to paths, because it isn't an HTTP API.`, 'grants')
  const odd = grant.paths?.find((path) => !isPathPattern(path))
  if (odd !== undefined)
    throw invalidRequest(`Invalid path ${quote(odd)}. Use a path such as /listings or /listings/*`, 'grants')
}
