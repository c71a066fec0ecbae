import { PERMISSIONS, type Grant } from '../../contract/grants.ts'
import type { RequestRefusal } from '../../contract/request-details.ts'
import type { Demand } from './principal.ts'

/** A row of the log names at most this many grants. */
const MAX_HELD = 20

/** Returns a grant as the request log stores it: `read, write on sales, tables Orders, Invoices`. */
export function describeGrant({ connection, permissions, tables, tools, paths }: Grant): string {
  const held = PERMISSIONS.filter((permission) => permissions.includes(permission)).join(', ')
  const limits = [limit('tables', tables), limit('tools', tools), limit('paths', paths)]
  return [`${held} on ${connection}`, ...limits.filter((text) => text !== null)].join(', ')
}

/** Returns what a denied request needed, what its token has on that connection, and the sentence for its caller. */
export function describeRefusal(
  demand: Demand,
  grants: readonly Grant[],
  { reason, sentence }: Pick<RequestRefusal, 'reason' | 'sentence'>,
): RequestRefusal {
  const { permission, connection, table, tool, path, wholeDocument } = demand
  const part = [
    wholeDocument === true ? 'all of it' : null,
    table === undefined ? null : `table ${table}`,
    tool === undefined ? null : `tool ${tool}`,
    path === undefined ? null : `path ${path}`,
  ].filter((text) => text !== null)
  return {
    reason,
    needed: [`${permission} on ${connection}`, ...part].join(', '),
    held: grants
      .filter((grant) => grant.connection === connection)
      .slice(0, MAX_HELD)
      .map(describeGrant),
    sentence,
  }
}

export function describeMissing({ needed, held }: RequestRefusal): string {
  return `needed ${needed}; held ${held.length === 0 ? 'nothing on it' : held.join(' and ')}`
}

function limit(name: string, values: readonly string[] | undefined): string | null {
  return values === undefined ? null : `${name} ${values.join(', ')}`
}
