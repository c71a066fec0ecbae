import type { Grant } from '../../contract/grants.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { toolCovers } from '../../engine/text/resource-patterns.ts'
import { closestName } from '../closest-name.ts'
import { usageError } from '../errors.ts'

/** Throws a usage error for a table, tool or operation that doesn't exist, with the nearest name. Paths can be anything. */
export async function requireKnownGrants(api: OwnerClient, grants: readonly Grant[]): Promise<void> {
  for (const { connection, tables = [], tools = [] } of grants) {
    if (tables.length > 0) requireKnown(connection, 'table', tables, await tablesOf(api, connection))
    if (tools.length > 0) requireKnown(connection, 'tool', tools, await toolsOf(api, connection))
  }
}

/** The same for the tables of a session token. The paths of an HTTP API can be anything. */
export async function requireKnownResources(
  api: OwnerClient,
  connection: string,
  resources: readonly string[],
): Promise<void> {
  const { kind } = await api.connections.get({ name: connection })
  if (kind === 'grist' || kind === 'sqlite')
    requireKnown(connection, 'table', resources, await tablesOf(api, connection))
}

async function tablesOf(api: OwnerClient, name: string): Promise<string[] | null> {
  const { kind } = await api.connections.get({ name })
  // A limit that doesn't apply to the kind is the engine's to reject.
  return kind === 'grist' || kind === 'sqlite' ? api.connections.tables({ name }) : null
}

async function toolsOf(api: OwnerClient, name: string): Promise<string[] | null> {
  const { kind } = await api.connections.get({ name })
  if (kind === 'mcp') return (await api.connections.tools({ name })).map((tool) => tool.name)
  if (kind !== 'http') return null
  return ((await api.connections.http({ name })).openapi?.operations ?? []).map(({ id }) => id)
}

function requireKnown(
  connection: string,
  what: string,
  wanted: readonly string[],
  known: readonly string[] | null,
): void {
  if (known === null) return
  const missing = wanted.find((pattern) => !known.some((one) => one === pattern || toolCovers(pattern, one)))
  if (missing === undefined) return
  const close = closestName(missing, known)
  throw usageError(
    `"${connection}" has no ${what} "${missing}".${close === null ? '' : ` The closest ${what} is ${close}.`} Use --allow-missing if it will exist later.`,
  )
}
