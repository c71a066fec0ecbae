import { HallpassError } from '../../../contract/errors.ts'
import { decide, requireGrant } from '../../access/decide.ts'
import { grantsOn } from '../../access/grant-index.ts'
import type { Demand, Principal } from '../../access/principal.ts'
import { McpUpstreamError, type McpUpstreams } from '../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../text/json.ts'
import { connectionOfName } from '../../text/tool-names.ts'
import type { SurfaceMode } from '../tools/surface.ts'
import type { CatalogNames, NamedLists } from './catalog-names.ts'
import type { CallRequest } from '../../calls/running-call.ts'
import { limitedToTools, readsWhole } from './reach.ts'
import { parseClientUri } from './resource-uris.ts'

/** A client's request as its upstream gets it, and the permission it requires. */
export interface Target {
  connection: string
  method: string
  params: JsonObject
  /** Method and resource in the log row. */
  shown: { method: string; resource: string | null }
  demand: Demand
  deniedSentence?: CallRequest['deniedSentence'] & {}
  /** Throws for requests that the grants allow but something else forbids. */
  allow?: () => void
}

/** Throws UNAUTHORIZED if the principal can't reach the target. */
export function requireTarget(principal: Principal, { demand, allow }: Target): void {
  requireGrant(principal, demand)
  allow?.()
}

export interface Targets {
  /** Returns null if the token can't reach such a tool and no specific error applies. */
  tool(principal: Principal, mode: SurfaceMode, name: string, params: JsonObject): Promise<Target | null>
  prompt(principal: Principal, mode: SurfaceMode, params: JsonObject): Promise<Target>
  /** `resources/read`, `resources/subscribe`, `resources/unsubscribe`. */
  resource(principal: Principal, mode: SurfaceMode, method: string, params: JsonObject): Target
  completion(principal: Principal, mode: SurfaceMode, params: JsonObject): Promise<Target>
  /** A method that only the upstream of a pass-through may know. Null without pass-through. */
  unknown(mode: SurfaceMode, method: string, params: JsonObject): Target | null
}

/** How long to wait for the first list of an upstream that is starting. */
const FIRST_LIST_MS = 10_000

const INVALID_PARAMS = -32602

export function createTargets({
  upstreams,
  names,
  isUpstream,
}: {
  upstreams: McpUpstreams
  names: CatalogNames
  /** Returns whether this connection is an MCP server. */
  isUpstream: (connection: string) => boolean
}): Targets {
  async function listsOf(connection: string, mode: SurfaceMode): Promise<NamedLists> {
    const known = names.of(connection)
    if (known.catalog.state === 'absent') await upstreams.refreshed(connection, AbortSignal.timeout(FIRST_LIST_MS))
    const { own, joined } = known.catalog.state === 'absent' ? names.of(connection) : known
    return mode.kind === 'pass-through' ? own : joined
  }

  /**
   * Returns the connection in a prefixed name, if the token has any grant on it. Checked before anything is looked up.
   */
  function connectionOf(principal: Principal, mode: SurfaceMode, name: string): string | null {
    if (mode.kind === 'pass-through')
      return grantsOn(principal.grants, mode.connection).length > 0 ? mode.connection : null
    const { connection } = connectionOfName(
      name,
      principal.grants.map((grant) => grant.connection),
    )
    return connection !== null && isUpstream(connection) ? connection : null
  }

  function readTarget(connection: string, method: string, params: JsonObject, resource: string | null): Target {
    return {
      connection,
      method,
      params,
      shown: { method, resource },
      ...ofWhole(connection, 'read'),
    }
  }

  /**
   * Finds a resource by its prefix, or without one (as a tool's text may name it) if exactly one reachable connection
   * lists it.
   */
  function locate(principal: Principal, mode: SurfaceMode, uri: string): { connection: string; uri: string } {
    if (mode.kind === 'pass-through') return { connection: mode.connection, uri }
    const parsed = parseClientUri(uri)
    if (parsed !== null) return parsed
    const within = [...new Set(principal.grants.map((grant) => grant.connection))]
      .filter((connection) => isUpstream(connection) && readsWhole(principal, connection))
      .filter((connection) => names.of(connection).own.resources.some((resource) => resource['uri'] === uri))
    const [only] = within
    if (within.length === 1 && only !== undefined) return { connection: only, uri }
    throw new McpUpstreamError(INVALID_PARAMS, `Resource not found: ${uri.slice(0, 200)}`, { uri: uri.slice(0, 2048) })
  }

  function requireUpstream(connection: string): void {
    if (!isUpstream(connection)) throw new HallpassError('INVALID_REQUEST', `"${connection}" isn't an MCP server.`)
  }

  async function promptTarget(
    principal: Principal,
    mode: SurfaceMode,
    method: string,
    name: string,
    change: (own: string) => JsonObject,
  ): Promise<Target> {
    const connection = connectionOf(principal, mode, name)
    const own =
      connection !== null && readsWhole(principal, connection)
        ? (await listsOf(connection, mode)).promptNames.get(name)
        : undefined
    // Doesn't reveal whether it exists or is out of reach.
    if (connection === null || own === undefined)
      throw new McpUpstreamError(INVALID_PARAMS, `Unknown prompt: ${name.slice(0, 100)}`)
    return readTarget(connection, method, change(own), null)
  }

  return {
    async tool(principal, mode, name, params) {
      const connection = connectionOf(principal, mode, name)
      if (connection === null) return null
      const own = (await listsOf(connection, mode)).toolNames.get(name)
      const guessed = own ?? (mode.kind === 'pass-through' ? name : name.slice(name.indexOf('__') + 2))
      const decision = own === undefined ? null : upstreams.decide(connection, own)
      const target = {
        connection,
        method: 'tools/call',
        params: { ...params, name: guessed },
        shown: { method: name, resource: null },
        demand: { permission: decision?.permission ?? 'read', connection, tool: guessed },
      }
      if (decision === null) {
        // A token limited to certain tools must not learn which others exist.
        const inReach = (['read', 'write'] as const).some(
          (permission) => decide(principal.grants, { permission, connection, tool: guessed }).allowed,
        )
        return inReach ? null : target
      }
      const { refused } = decision
      if (refused === null) return target
      return {
        ...target,
        allow: () => {
          throw new HallpassError('UNAUTHORIZED', refused)
        },
      }
    },
    prompt: (principal, mode, params) =>
      promptTarget(principal, mode, 'prompts/get', String(params['name']), (name) => ({ ...params, name })),
    resource(principal, mode, method, params) {
      const given = String(params['uri'])
      const { connection, uri } = locate(principal, mode, given)
      return {
        ...readTarget(connection, method, { ...params, uri }, given),
        allow: () => requireUpstream(connection),
      }
    },
    async completion(principal, mode, params) {
      const ref = (params['ref'] ?? {}) as JsonObject
      if (ref['type'] === 'ref/prompt') {
        return promptTarget(principal, mode, 'completion/complete', String(ref['name']), (name) => ({
          ...params,
          ref: { ...ref, name },
        }))
      }
      const given = String(ref['uri'])
      const { connection, uri } = locate(principal, mode, given)
      const changed = { ...params, ref: { ...ref, uri } }
      return {
        ...readTarget(connection, 'completion/complete', changed, given),
        allow: () => requireUpstream(connection),
      }
    },
    unknown(mode, method, params) {
      if (mode.kind !== 'pass-through') return null
      const { connection } = mode
      return {
        connection,
        method,
        params,
        shown: { method, resource: null },
        ...ofWhole(connection, 'write'),
      }
    },
  }
}

/** Resources and prompts aren't tools, so a grant limited to tools doesn't include them. */
function ofWhole(connection: string, permission: 'read' | 'write'): Pick<Target, 'demand' | 'deniedSentence'> {
  return {
    demand: { permission, connection, wholeDocument: true },
    deniedSentence: (reason, principal) =>
      reason === 'whole-document' ? limitedToTools(principal, connection) : undefined,
  }
}
