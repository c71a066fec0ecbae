import type { CallToolResult, Tool } from '@modelcontextprotocol/server'
import { asHallpassError, HallpassError } from '../../../contract/errors.ts'
import type { ConnectionKind } from '../../../contract/records.ts'
import { requireGrant } from '../../access/decide.ts'
import type { Demand, Principal } from '../../access/principal.ts'
import type { DocumentCalls } from '../../calls/document-calls.ts'
import { McpUpstreamError } from '../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../text/json.ts'
import { connectionOfName } from '../../text/tool-names.ts'
import type { CallOpener, CallRequest } from '../../calls/open-call.ts'
import { callOf } from '../caller.ts'
import { argumentsOf, type DispatchedCall } from './dispatched-call.ts'
import { createSearchMode } from './search/search-mode.ts'
import { isSearchTool, SEARCH_TOOLS } from './search/search-tools.ts'
import type { SurfaceMode, Surfaces } from './surface.ts'
import type { OnInternalError, ToolCalls } from './tool-calls.ts'
import { toolError } from './tool-error.ts'
import type { ToolLists } from './tool-list.ts'
import type { ToolSource } from './tool-source.ts'
import type { UpstreamService } from '../upstream/serve-upstream.ts'
import type { Target, Targets } from '../upstream/targets.ts'

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
  monotonic: () => number
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
        args: argumentsOf(call),
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
    if (prefix === null) return toolCalls.run({ name, args: argumentsOf(call), caller, client, signal })
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

  const searchMode = createSearchMode({
    opener: parts.opener,
    monotonic: parts.monotonic,
    ownTools: (principal) => toolLists.of(calls.documents(principal), principal.grants.length > 0),
    toolsOf: (principal) => surfaces.of(principal),
    callByName: (principal, call) => byName(principal, ALL, call),
  })

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
      return isSearchTool(call.name) ? searchMode.call(call.name, principal, call) : null
    },
  }
}

const ALL: SurfaceMode = { kind: 'all' }
