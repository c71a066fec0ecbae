import type { CallToolResult, ServerContext, Tool } from '@modelcontextprotocol/server'
import { asHallpassError, HallpassError } from '../../../contract/errors.ts'
import type { ConnectionKind } from '../../../contract/records.ts'
import { requireGrant } from '../../access/decide.ts'
import type { Demand, Principal } from '../../access/principal.ts'
import type { DocumentCalls } from '../../calls/document-calls.ts'
import { McpUpstreamError } from '../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../text/json.ts'
import { connectionOfName } from '../../connections/tool-names.ts'
import type { CallOpener, CallRequest } from '../../calls/open-call.ts'
import { callOf, type Caller } from '../caller.ts'
import { isSearchTool, SEARCH_TOOLS, searchTools, type SearchToolName } from './search-tools.ts'
import type { SurfaceMode, Surfaces } from './surface.ts'
import { toolError, type OnInternalError, type ToolCalls } from './tool-calls.ts'
import type { ToolLists } from './tool-list.ts'
import type { ToolSource } from './tool-source.ts'
import type { ClientWay, UpstreamService } from '../upstream/serve-upstream.ts'
import type { Target, Targets } from '../upstream/targets.ts'

export interface DispatchedCall {
  name: string
  params: JsonObject
  caller: Caller
  client: string | null
  context: ServerContext
  way: ClientWay
  /** Aborted when the client cancels or goes away. */
  signal: AbortSignal
}

export interface ToolDispatch {
  list(principal: Principal): Tool[]
  /**
   * Refusals and failures are results with `isError`; null when there is no such tool. Throws McpUpstreamError for what an upstream answers as a
   * JSON-RPC error.
   */
  call(call: DispatchedCall): Promise<CallToolResult | null>
}

export function createToolDispatch(parts: {
  calls: DocumentCalls
  opener: CallOpener
  toolLists: ToolLists
  toolCalls: ToolCalls
  surfaces: Surfaces
  sources: readonly ToolSource[]
  targets: Targets
  service: UpstreamService
  kindOf: (connection: string) => ConnectionKind | null
  onInternalError: OnInternalError
}): ToolDispatch {
  const { calls, opener, toolLists, toolCalls, surfaces, sources, targets, service, kindOf, onInternalError } = parts
  // Joined once a surface: with hundreds of tools even that shows.
  const joined = new WeakMap<readonly unknown[], { own: Tool[]; all: Tool[] }>()

  function everyTool(principal: Principal): Tool[] {
    const { tools } = surfaces.of(principal)
    const own = toolLists.of(calls.documents(principal), principal.grants.length > 0)
    const known = joined.get(tools)
    if (known?.own === own) return known.all
    const all = [...own, ...tools.map(({ definition }) => definition as unknown as Tool)]
    joined.set(tools, { own, all })
    return all
  }

  function rejected(
    { caller, client, signal }: DispatchedCall,
    method: string,
    thrown: unknown,
    about: Partial<Pick<CallRequest, 'connection' | 'demand'>> = {},
  ): CallToolResult {
    return toolError(opener.reject({ ...callOf(caller, method, client, signal), ...about }, thrown))
  }

  async function upstreamTool(
    principal: Principal,
    mode: SurfaceMode,
    call: DispatchedCall,
  ): Promise<CallToolResult | null> {
    const { caller, client, context, way } = call
    let target: Target | null
    try {
      target = await targets.tool(principal, mode, call.name, call.params)
    } catch (thrown) {
      return rejected(call, call.name, thrown)
    }
    if (target === null) return null
    try {
      return (await service.serve({ target, mode, way, caller, client, context })) as CallToolResult
    } catch (thrown) {
      // The service has logged and reported it.
      if (thrown instanceof McpUpstreamError) throw thrown
      return toolError(asHallpassError(thrown, caller.requestId))
    }
  }

  async function sourceTool(
    principal: Principal,
    source: ToolSource,
    connection: string,
    call: DispatchedCall,
  ): Promise<CallToolResult | null> {
    const {
      caller: { requestId, transport, bytesIn },
      client,
      signal,
      context,
    } = call
    const tool = source.tools(connection).find(({ definition }) => definition.name === call.name)
    if (tool === undefined) return null
    const progressToken = context.mcpReq._meta?.progressToken
    const onProgress = (progress: JsonObject): void => {
      // A client that went away needs to be told nothing.
      if (progressToken !== undefined)
        context.mcpReq
          .notify({ method: 'notifications/progress', params: { ...progress, progressToken } })
          .catch(() => undefined)
    }
    try {
      const origin = { requestId, transport, client, signal, bytesIn }
      return (await source.call({
        principal,
        tool,
        args: argumentsOf(call.params),
        origin,
        onProgress,
      })) as CallToolResult
    } catch (thrown) {
      if (!(thrown instanceof HallpassError)) onInternalError(requestId, thrown)
      return toolError(asHallpassError(thrown, requestId))
    }
  }

  async function byName(principal: Principal, mode: SurfaceMode, call: DispatchedCall): Promise<CallToolResult | null> {
    const { name, caller, client, signal } = call
    if (mode.kind === 'pass-through') return upstreamTool(principal, mode, call)
    const { connection, prefix } = connectionOfName(
      name,
      principal.grants.map((grant) => grant.connection),
    )
    if (prefix === null) return toolCalls.run({ name, args: argumentsOf(call.params), caller, client, signal })
    if (connection === null) {
      const demand: Demand = { permission: 'read', connection: prefix }
      try {
        requireGrant(principal, demand)
      } catch (thrown) {
        return rejected(call, name, thrown, { connection: prefix, demand: () => demand })
      }
      return null
    }
    const kind = kindOf(connection)
    const source = sources.find((each) => each.kind === kind)
    return source === undefined ? upstreamTool(principal, mode, call) : sourceTool(principal, source, connection, call)
  }

  /** Finding and describing are calls of their own; what is called through `call_tool` is logged under its own name. */
  async function search(
    principal: Principal,
    tool: SearchToolName,
    call: DispatchedCall,
  ): Promise<CallToolResult | null> {
    const args = argumentsOf(call.params)
    if (tool === 'call_tool') {
      const { name, arguments: inner = {} } = args
      if (typeof name !== 'string' || name === '')
        return rejected(call, tool, new HallpassError('INVALID_REQUEST', 'Field "name" must be the name of a tool.'))
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) {
        return rejected(call, tool, new HallpassError('INVALID_REQUEST', 'Field "arguments" must be an object.'))
      }
      const result = await byName(
        principal,
        { kind: 'all' },
        { ...call, name, params: { ...call.params, name, arguments: inner } },
      )
      return result ?? rejected(call, tool, unknownTool(name))
    }
    const running = opener.open(callOf(call.caller, tool, call.client, call.signal))
    try {
      const found = tool === 'search_tools' ? find(principal, args) : describe(principal, args)
      const text = JSON.stringify(found)
      running.finish({ status: 200, bytes_out: Buffer.byteLength(text) })
      return { content: [{ type: 'text', text }], structuredContent: found }
    } catch (thrown) {
      return toolError(running.fail(thrown))
    }
  }

  function find(principal: Principal, { query, limit }: JsonObject): JsonObject {
    if (typeof query !== 'string') throw new HallpassError('INVALID_REQUEST', 'Field "query" must be a string.')
    if (limit !== undefined && (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1)) {
      throw new HallpassError('INVALID_REQUEST', 'Field "limit" must be a whole number, at least 1.')
    }
    return { ...searchTools(everyTool(principal), query.slice(0, 500), limit) }
  }

  function describe(principal: Principal, { name }: JsonObject): JsonObject {
    const tool = everyTool(principal).find((each) => each.name === name)
    if (tool === undefined) throw unknownTool(String(name))
    return { ...tool }
  }

  return {
    list(principal) {
      const { mode, tools } = surfaces.of(principal)
      if (mode.kind === 'search') return [...SEARCH_TOOLS]
      return mode.kind === 'all' ? everyTool(principal) : tools.map(({ definition }) => definition as unknown as Tool)
    },
    async call(call) {
      let principal: Principal
      let mode: SurfaceMode
      try {
        principal = call.caller.principal()
        mode = surfaces.modeOf(principal)
      } catch (thrown) {
        return rejected(call, call.name, thrown)
      }
      if (mode.kind !== 'search') return byName(principal, mode, call)
      return isSearchTool(call.name) ? search(principal, call.name, call) : null
    },
  }
}

function unknownTool(name: string): HallpassError {
  return new HallpassError(
    'INVALID_REQUEST',
    `There is no tool “${name.slice(0, 100)}”; search_tools finds those that there are.`,
  )
}

function argumentsOf({ arguments: args }: JsonObject): JsonObject {
  return typeof args === 'object' && args !== null ? (args as JsonObject) : {}
}
