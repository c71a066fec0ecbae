import type { Grant } from '../../contract/grants.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { pathSegments, toolCovers } from '../../engine/text/resource-patterns.ts'
import { closestName } from '../closest-name.ts'
import { usageError } from '../errors.ts'

/**
 * Throws a usage error for a table, tool, operation or path that doesn't exist, with the nearest name. Without an OpenAPI document, paths
 * can be anything.
 */
export async function requireKnownGrants(api: OwnerClient, grants: readonly Grant[]): Promise<void> {
  for (const { connection, tables = [], tools = [], paths = [] } of grants) {
    if (tables.length > 0) requireKnown(connection, 'table', tables, await tablesOf(api, connection))
    if (tools.length > 0) requireKnown(connection, 'tool', tools, await toolsOf(api, connection))
    if (paths.length > 0) requireKnownPaths(connection, paths, await pathsOf(api, connection))
  }
}

/** The same for the tables and paths of a session token. */
export async function requireKnownResources(
  api: OwnerClient,
  connection: string,
  resources: readonly string[],
): Promise<void> {
  const { kind } = await api.connections.get({ name: connection })
  if (kind === 'grist' || kind === 'sqlite')
    return requireKnown(connection, 'table', resources, await tablesOf(api, connection))
  const paths = resources.filter((one) => one.startsWith('/'))
  if (kind === 'http' && paths.length > 0) requireKnownPaths(connection, paths, await pathsOf(api, connection))
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

/** Returns the paths of the OpenAPI document, also of operations that can't become tools. Null if there is no document. */
async function pathsOf(api: OwnerClient, name: string): Promise<string[] | null> {
  const { kind } = await api.connections.get({ name })
  const document = kind === 'http' ? (await api.connections.http({ name })).openapi : null
  if (document === null) return null
  const leftOut = document.left_out.flatMap(({ operation }) => /(?:^|\s)(\/\S*)/.exec(operation)?.[1] ?? [])
  return [...document.operations.map(({ path }) => path), ...leftOut]
}

function requireKnownPaths(connection: string, wanted: readonly string[], paths: readonly string[] | null): void {
  if (paths === null) return
  const missing = wanted.find((pattern) => !paths.some((path) => reaches(pattern, path)))
  if (missing === undefined) return
  const given = missing.split('/')
  const known = paths.map((path) => path.split('/').map((part, at) => (isVariable(part) ? (given[at] ?? part) : part)))
  const folders = known.flatMap((parts) => parts.slice(1).map((_, at) => [...parts.slice(0, at + 1), '*']))
  const close = missing.endsWith('/*') ? folders : known
  reject(
    connection,
    'path',
    missing,
    close.map((parts) => parts.join('/')),
  )
}

const isVariable = (segment: string): boolean => /\{.+\}/.test(segment)

/** Returns whether a path of a grant, such as `/orders/*`, allows a path of an API, such as `/orders/{id}`. */
function reaches(pattern: string, path: string): boolean {
  const [held, known] = [pathSegments(pattern), path.slice(1).split('/')]
  // An invalid path is the engine's to reject.
  if (held === null) return true
  const isBelow = held.at(-1) === '*'
  const fixed = isBelow ? held.slice(0, -1) : held
  if (isBelow ? known.length <= fixed.length : known.length !== fixed.length) return false
  return fixed.every((segment, at) => segment === known[at] || isVariable(known[at] ?? ''))
}

function requireKnown(
  connection: string,
  what: string,
  wanted: readonly string[],
  known: readonly string[] | null,
): void {
  if (known === null) return
  const missing = wanted.find((pattern) => !known.some((one) => one === pattern || toolCovers(pattern, one)))
  if (missing !== undefined) reject(connection, what, missing, known)
}

function reject(connection: string, what: string, missing: string, known: readonly string[]): never {
  const close = closestName(missing, known)
  throw usageError(
    `"${connection}" has no ${what} "${missing}".${close === null ? '' : ` The closest ${what} is ${close}.`} Use --allow-missing if it will exist later.`,
  )
}
