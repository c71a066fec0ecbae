import { invalidRequest } from '../../../contract/errors.ts'
import { grantSchema } from '../../../contract/grants.ts'
import type { Grant } from '../../../contract/grants.ts'
import type { ConnectionRow } from '../../store/rows.ts'
import { isDocument } from '../sessions/mint-rights.ts'
import { isPathPattern } from '../../text/resource-patterns.ts'
import { quote, quoteAll } from '../sentences.ts'

/** All that a project has: every permission on each connection that it includes. */
export function cloneGrants(included: readonly ConnectionRow[]): Grant[] {
  return included.map(({ name }) => ({ connection: name, permissions: ['read', 'write', 'schema'] }))
}

/** Grants as they may be stored. INVALID_REQUEST names a connection that the project lacks, or a narrowing that cannot apply. */
export function checkGrants(grants: readonly Grant[], included: readonly ConnectionRow[], project: string): Grant[] {
  return grants.map((grant) => {
    const parsed = grantSchema.safeParse(grant)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw invalidRequest(
        `Invalid permissions (${issue?.path.join('.') ?? ''}): ${issue?.message ?? 'malformed'}.`,
        'grants',
      )
    }
    const row = included.find((candidate) => candidate.name === grant.connection)
    if (row === undefined) {
      const names = included.map((candidate) => candidate.name)
      const known = names.length === 0 ? 'includes no connection yet' : `includes ${quoteAll(names)}`
      throw invalidRequest(
        `Project ${quote(project)} doesn't include ${quote(grant.connection)}; it ${known}.`,
        'grants',
      )
    }
    checkNarrowing(parsed.data, row)
    return { ...parsed.data, permissions: [...new Set(parsed.data.permissions)] }
  })
}

function checkNarrowing(grant: Grant, row: ConnectionRow): void {
  const name = quote(row.name)
  if (grant.tables !== undefined && !isDocument(row))
    throw invalidRequest(`${name} has no tables; it is of kind ${row.kind}.`, 'grants')
  if (grant.tools !== undefined && isDocument(row))
    throw invalidRequest(`${name} is a document; narrow it to tables, not tools.`, 'grants')
  if (grant.paths !== undefined && row.kind !== 'http')
    throw invalidRequest(`${name} has no paths; it is of kind ${row.kind}.`, 'grants')
  const odd = grant.paths?.find((path) => !isPathPattern(path))
  if (odd !== undefined)
    throw invalidRequest(`${quote(odd)} is not a path such as /v1/listings or /v1/listings/*.`, 'grants')
}
