import type { CallToolResult, Tool } from '@modelcontextprotocol/server'
import { asHallpassError, HallpassError } from '../../../contract/errors.ts'
import type { ConnectionKind } from '../../../contract/records.ts'
import { requireGrant } from '../../access/decide.ts'
import type { Demand, Principal } from '../../access/principal.ts'
import type { DocumentCalls } from '../../calls/document-calls.ts'
import { McpUpstreamError } from '../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../text/json.ts'
import { connectionOfName } from '../../text/tool-names.ts'
import type { CallOpener } from '../../calls/open-call.ts'
import type { CallRequest } from '../../calls/running-call.ts'
import { callOf } from '../caller.ts'
import { argumentsOf, givenArguments, type DispatchedCall } from './dispatched-call.ts'
import type { AnswerBounds } from './answers/answer-bounds.ts'
import type { ToolReaders } from './answers/tool-readers.ts'
import { createSearchMode } from './search/search-mode.ts'
import { isSearchTool } from './search/search-tools.ts'
import type { SurfaceMode, Surfaces } from './surface.ts'
import type { OnInternalError, ToolCalls } from './tool-calls.ts'
import { withStructuredText } from './structured-text.ts'
import { toolError } from './tool-error.ts'
import { createListedTools } from './listed-tools.ts'
import type { ToolLists } from './tool-list.ts'
import type { SourceTool, ToolSource } from './tool-source.ts'
import type { UpstreamService } from '../upstream/serve-upstream.ts'
import type { Target, Targets } from '../upstream/targets.ts'

export interface ToolDispatch {
  /** The same array until something in it changes. It is shared and must not be changed. */
  list(principal: Principal): readonly Tool[]
  /**
   * Denials and failures are results with `isError`. Returns null if the tool doesn't exist. Throws McpUpstreamError
   * for a JSON-RPC error of an upstream.
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
  bounds: AnswerBounds
  readers: ToolReaders
  monotonic: () => number
  onInternalError: OnInternalError
}): ToolDispatch {
  const { calls, opener, toolLists, toolCalls, surfaces, sources, targets, service, kindOf, bounds, onInternalError } =
    parts
  const listed = createListedTools({ calls, toolLists, surfaces })
  const { ownTools, sourceToolOf } = listed

  async function bounded(
    principal: Principal,
    mode: SurfaceMode,
    call: DispatchedCall,
  ): Promise<CallToolResult | null> {
    const raw = await byName(principal, mode, call)
    if (raw === null) return null
    let tool: SourceTool | null = null
    try {
      tool = sourceToolOf(principal, call.name)
    } catch (thrown) {
      // The action was performed, so its result is returned. A failed call has already reported why.
      if (raw.isError !== true) onInternalError(call.caller.requestId, thrown)
    }
    const result = withStructuredText(raw, tool?.definition['outputSchema'])
    if (!bounds.isLimited(principal)) return result
    if (tool !== null && !parts.readers.mayBeModel(principal, call.caller)) return result
    return bounds.apply(principal, { name: call.name, tool, hasOwnTools: mode.kind !== 'pass-through' }, result)
  }

  function rejected(
    { caller, client, signal }: DispatchedCall,
    method: string,
    thrown: unknown,
    about: Partial<Pick<CallRequest, 'connection' | 'demand'>> = {},
  ): CallToolResult {
    return toolError(opener.reject({ ...callOf(caller, method, client, signal), ...about }, thrown))
  }

  function givenParams(principal: Principal, mode: SurfaceMode, call: DispatchedCall): JsonObject {
    const tool = mode.kind === 'pass-through' ? null : sourceToolOf(principal, call.name)
    if (tool === null || call.params['arguments'] === undefined) return call.params
    return { ...call.params, arguments: givenArguments(argumentsOf(call), tool.definition['inputSchema']) }
  }

  async function upstreamTool(
    principal: Principal,
    mode: SurfaceMode,
    call: DispatchedCall,
  ): Promise<CallToolResult | null> {
    const { caller, client, context, clientLink } = call
    let target: Target | null
    try {
      target = await targets.tool(principal, mode, call.name, givenParams(principal, mode, call))
    } catch (thrown) {
      return rejected(call, call.name, thrown)
    }
    if (target === null) return null
    try {
      return (await service.serve({ target, mode, clientLink, caller, client, context })) as CallToolResult
    } catch (thrown) {
      // The upstream service has logged and reported it.
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
      // A client that disconnected needs no notification.
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
        args: givenArguments(argumentsOf(call), tool.definition['inputSchema']),
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
    if (prefix === null) {
      const own = ownTools(principal).find((tool) => tool.name === name)
      const args = givenArguments(argumentsOf(call), own?.inputSchema)
      return toolCalls.run({ name, args, caller, client, signal })
    }
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
    ownTools,
    toolsOf: (principal) => surfaces.of(principal),
    callByName(principal, call) {
      parts.readers.add(principal)
      return bounded(principal, ALL, call)
    },
  })

  return {
    list(principal) {
      parts.readers.add(principal)
      return listed.of(principal)
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
      if (mode.kind !== 'search') return bounded(principal, mode, call)
      if (!isSearchTool(call.name)) return null
      const result = await searchMode.call(call.name, principal, call)
      return result === null
        ? null
        : bounds.apply(principal, { name: call.name, tool: null, hasOwnTools: true }, result)
    },
  }
}

const ALL: SurfaceMode = { kind: 'all' }
