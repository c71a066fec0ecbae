import type { Server, ServerContext } from '@modelcontextprotocol/server'
import { asHallpassError, HallpassError } from '../../../contract/errors.ts'
import type { Access } from '../../access/access.ts'
import type { Principal } from '../../access/principal.ts'
import { abortSignalOf } from '../../interruption.ts'
import { McpUpstreamError, type McpUpstreams } from '../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../text/json.ts'
import type { CallOpener } from '../../calls/open-call.ts'
import type { RequestLog } from '../../log/request-log.ts'
import { clientName, rowOpening, type Caller } from '../caller.ts'
import { pageOf } from '../tools/list-pages.ts'
import type { ListWatch } from './list-watch.ts'
import { INSTRUCTIONS, type SurfaceMode, type Surfaces } from '../tools/surface.ts'
import type { ToolDispatch } from '../tools/tool-dispatch.ts'
import type { RequestState, RequestStates } from '../upstream/sessionless/request-states.ts'
import type { ClientLink, UpstreamService } from '../upstream/serve-upstream.ts'
import type { Target, Targets } from '../upstream/targets.ts'

export type ServerSdk = typeof import('@modelcontextprotocol/server')

export interface ClientServerParts {
  sdk: ServerSdk
  access: Access
  opener: CallOpener
  log: RequestLog
  version: string
  surfaces: Surfaces
  dispatch: ToolDispatch
  targets: Targets
  service: UpstreamService
  states: RequestStates
  listWatch: ListWatch
  upstreams: McpUpstreams
  onError: (error: unknown) => void
}

/** With pass-through, the instructions come from the upstream. If they aren't known yet, this is how long to wait. */
const FIRST_WORDS_MS = 10_000
const EVERYTHING = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
  logging: {},
  completions: {},
}

/**
 * Creates a server for one client. It is never shared, because a response must not reach another client
 * (CVE-2026-25536). `callerOf` returns the sender of the request being handled. `openLink` is called once the server
 * exists.
 */
export async function createClientServer(
  parts: ClientServerParts,
  principal: Principal,
  callerOf: (context: ServerContext) => Caller,
  openLink: (server: Server) => ClientLink,
): Promise<Server> {
  const { sdk, log, surfaces, dispatch, targets, service } = parts
  const mode = surfaces.modeOf(principal)
  const { info, capabilities, instructions } = await introduction(parts, mode)
  const server = new sdk.Server(info as { name: string; version: string }, {
    capabilities,
    ...(instructions === null ? {} : { instructions }),
    requestState: { verify: (state, context) => verified(parts, callerOf(context), state) },
  })
  const client = openLink(server)

  function errorResult(thrown: unknown, caller: Caller): Error {
    if (!(thrown instanceof HallpassError)) {
      // Errors of an upstream are expected. Anything else that isn't ours is a bug.
      if (!(thrown instanceof McpUpstreamError || thrown instanceof sdk.ProtocolError)) parts.onError(thrown)
      return thrown as Error
    }
    const error = asHallpassError(thrown, caller.requestId)
    const code = error.status < 500 ? sdk.ProtocolErrorCode.InvalidParams : sdk.ProtocolErrorCode.InternalError
    return new sdk.ProtocolError(code, error.message, { code: error.code })
  }

  /** Opens and closes the log row of a list request and returns its principal. */
  function reading(context: ServerContext): Principal {
    const caller = callerOf(context)
    try {
      return caller.principal()
    } catch (thrown) {
      const error = asHallpassError(thrown, caller.requestId)
      throw new sdk.ProtocolError(sdk.ProtocolErrorCode.InternalError, error.message, { code: error.code })
    }
  }

  function paged<T>(list: readonly T[], cursor: string | undefined): { page: T[]; nextCursor?: string } {
    const found = pageOf(list, cursor)
    if (found === null)
      throw new sdk.ProtocolError(sdk.ProtocolErrorCode.InvalidParams, "The cursor doesn't belong to this list.")
    return found
  }

  /** Finds the target of a request for an upstream and serves it. */
  async function upstream(
    context: ServerContext,
    find: (principal: Principal, mode: SurfaceMode) => Promise<Target> | Target,
  ): Promise<JsonObject> {
    const caller = callerOf(context)
    try {
      const asking = caller.principal()
      const mode = surfaces.modeOf(asking)
      const target = await find(asking, mode)
      return await service.serve({
        target,
        mode,
        clientLink: client,
        caller,
        client: clientName(server.getClientVersion()),
        context,
      })
    } catch (thrown) {
      throw errorResult(thrown, caller)
    }
  }

  if (capabilities.tools !== undefined) {
    server.setRequestHandler('tools/list', ({ params }, context) => {
      const { page, ...next } = paged(dispatch.list(reading(context)), params?.cursor)
      return { tools: page, ...next }
    })
    server.setRequestHandler('tools/call', async (request, context) => {
      const caller = callerOf(context)
      const name = clientName(server.getClientVersion())
      caller.handedOver = true
      const result = await dispatch.call({
        name: request.params.name,
        params: request.params as JsonObject,
        caller,
        client: name,
        context,
        clientLink: client,
        signal: AbortSignal.any([context.mcpReq.signal, abortSignalOf(caller.gone)]),
      })
      if (result !== null) return result
      log.rejected(rowOpening(caller, 'tools/call', name), {
        status: 400,
        code: 'INVALID_REQUEST',
        bytes_in: caller.bytesIn,
      })
      throw new sdk.ProtocolError(
        sdk.ProtocolErrorCode.InvalidParams,
        `Unknown tool: ${request.params.name.slice(0, 100)}`,
      )
    })
  }

  if (capabilities.resources !== undefined) {
    server.setRequestHandler('resources/list', ({ params }, context) => {
      const { page, ...next } = paged(surfaces.of(reading(context)).resources, params?.cursor)
      return { resources: page as never, ...next }
    })
    server.setRequestHandler('resources/templates/list', ({ params }, context) => {
      const { page, ...next } = paged(surfaces.of(reading(context)).resourceTemplates, params?.cursor)
      return { resourceTemplates: page as never, ...next }
    })
    for (const method of ['resources/read', 'resources/subscribe', 'resources/unsubscribe'] as const) {
      server.setRequestHandler(
        method,
        async (request, context) =>
          (await upstream(context, (asking, mode) =>
            targets.resource(asking, mode, method, request.params as JsonObject),
          )) as never,
      )
    }
  }

  if (capabilities.prompts !== undefined) {
    server.setRequestHandler('prompts/list', ({ params }, context) => {
      const { page, ...next } = paged(surfaces.of(reading(context)).prompts, params?.cursor)
      return { prompts: page as never, ...next }
    })
    server.setRequestHandler(
      'prompts/get',
      async (request, context) =>
        (await upstream(context, (asking, mode) =>
          targets.prompt(asking, mode, request.params as JsonObject),
        )) as never,
    )
  }
  if (capabilities.completions !== undefined) {
    server.setRequestHandler(
      'completion/complete',
      async (request, context) =>
        (await upstream(context, (asking, mode) =>
          targets.completion(asking, mode, request.params as unknown as JsonObject),
        )) as never,
    )
  }

  if (client.era === 'legacy') {
    const { link } = client
    if (capabilities.logging !== undefined) {
      server.setRequestHandler('logging/setLevel', ({ params: { level } }) => {
        link.setLogLevel(level)
        return {}
      })
    }
    server.setNotificationHandler('notifications/roots/list_changed', () => link.rootsChanged())
  }

  if (mode.kind === 'pass-through') {
    server.fallbackRequestHandler = async (request, context) => {
      const target = targets.unknown(
        surfaces.modeOf(reading(context)),
        request.method,
        (request.params ?? {}) as JsonObject,
      )
      if (target === null) throw new sdk.ProtocolError(sdk.ProtocolErrorCode.MethodNotFound, 'Method not found')
      return upstream(context, () => target)
    }
  }
  return server
}

interface Introduction {
  info: JsonObject
  capabilities: NonNullable<ConstructorParameters<ServerSdk['Server']>[1]>['capabilities'] & object
  instructions: string | null
}

async function introduction({ upstreams, version }: ClientServerParts, mode: SurfaceMode): Promise<Introduction> {
  if (mode.kind !== 'pass-through') {
    return {
      info: { name: 'hallpass', title: 'Hallpass', version },
      capabilities: EVERYTHING,
      instructions: INSTRUCTIONS,
    }
  }
  const known = upstreams.catalog(mode.connection)
  const catalog =
    known.state === 'absent' ? await upstreams.refreshed(mode.connection, AbortSignal.timeout(FIRST_WORDS_MS)) : known
  const { tasks: _, ...capabilities } = catalog.capabilities
  return {
    info: catalog.serverInfo ?? { name: mode.connection, version },
    // An upstream that never responded may support anything. Its lists are empty so far.
    capabilities: catalog.state === 'absent' ? EVERYTHING : capabilities,
    instructions: catalog.instructions,
  }
}

/** Runs before any handler. What it throws goes to the client as one generic sentence. */
function verified({ states }: ClientServerParts, caller: Caller, text: string): RequestState {
  const state = states.take(caller.principal(), text)
  if (state !== null) return state
  throw new Error('The request state was altered, was already used, has expired, or belongs to another token.')
}
