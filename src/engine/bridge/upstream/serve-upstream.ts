import type { ServerContext } from '@modelcontextprotocol/server'
import { abortSignalOf } from '../../interruption.ts'
import { McpUpstreamError } from '../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../text/json.ts'
import { cleanText } from '../../text/clean-text.ts'
import { callOf, type Caller } from '../caller.ts'
import type { CallOpener } from '../../calls/open-call.ts'
import type { RunningCall } from '../../calls/running-call.ts'
import { exactJson, serializable } from '../../text/exact-json.ts'
import type { SurfaceMode } from '../tools/surface.ts'
import { requireSafeInputs, safeError } from './elicitation-urls.ts'
import { sentOn, sessionTurn } from './client-turn.ts'
import type { RequestStates } from './sessionless/request-states.ts'
import { rewriteResult } from './rewrite-result.ts'
import { createLegs, type SessionlessLink } from './sessionless/serve-leg.ts'
import type { SessionLink } from './session-link.ts'
import type { Target } from './targets.ts'

/** The JSON of results, which is needed for their size and again for the response. */
export type ResultTexts = WeakMap<object, string>

/** How one client is served: its protocol version and upstream sessions. */
export type ClientLink = { era: 'legacy'; link: SessionLink } | SessionlessLink

export interface UpstreamTurn {
  target: Target
  mode: SurfaceMode
  clientLink: ClientLink
  caller: Caller
  client: string | null
  context: ServerContext
}

export interface UpstreamService {
  /** Authorizes, logs and forwards a client's request to its upstream, for any combination of protocol versions. */
  serve(turn: UpstreamTurn): Promise<JsonObject>
}

const SERVER_INFO = 'io.modelcontextprotocol/serverInfo'
/** JSON-RPC errors that blame the request itself. */
const CALLERS_FAULT = new Set([-32600, -32601, -32602, -32002, -32021, -32042])

export function createUpstreamService({
  opener,
  states,
  texts,
}: {
  opener: CallOpener
  states: RequestStates
  texts: ResultTexts
}): UpstreamService {
  const legs = createLegs(states)

  async function inSession(turn: UpstreamTurn, link: SessionLink, running: RunningCall): Promise<JsonObject> {
    const { target, context } = turn
    const { connection, method, params } = target
    const unsubscribing = method === 'resources/unsubscribe'
    if (method === 'resources/subscribe' || unsubscribing) {
      if (unsubscribing)
        await link.unsubscribe(connection, String(params['uri']), target.shown.resource ?? '', running.signal)
      else await link.subscribe(connection, String(params['uri']), target.shown.resource ?? '', running.signal)
      return {}
    }
    const asker = sessionTurn(context)
    const result = await link.session(connection).request(method, sentOn(params, context), {
      signal: running.interruption,
      handle: asker,
      ...(context.mcpReq._meta?.progressToken === undefined
        ? {}
        : { onProgress: (progress) => asker.tell('notifications/progress', progress) }),
    })
    // Fields of the newer protocol version only.
    const { resultType: _type, ttlMs: _ttl, cacheScope: _scope, ...known } = result
    return known
  }

  return {
    async serve(turn) {
      const { target, mode, clientLink, caller, client, context } = turn
      const cancelled: unknown = context.mcpReq.signal
      const gone =
        cancelled === caller.gone ? caller.gone : AbortSignal.any([context.mcpReq.signal, abortSignalOf(caller.gone)])
      caller.handedOver = true
      const { connection, shown, demand, deniedSentence, allow } = target
      const running = opener.open({
        ...callOf(caller, shown.method, client, gone),
        connection,
        resource: shown.resource === null ? null : cleanText(shown.resource, 200),
        demand: () => demand,
        ...(deniedSentence === undefined ? {} : { deniedSentence }),
        ...(allow === undefined ? {} : { allow }),
      })
      running.payload?.request.add(exactJson({ method: target.method, params: target.params }))
      try {
        // MCP upstreams report their own health.
        running.reaches(null)
        const raw =
          clientLink.era === 'legacy'
            ? await inSession(turn, clientLink.link, running)
            : await legs.serve(turn, clientLink, running)
        running.check()
        requireSafeInputs(raw)
        const result =
          mode.kind === 'pass-through' ? raw : rewriteResult(target.connection, target.method, withoutServer(raw))
        const text = exactJson(result)
        running.payload?.response.add(text)
        running.finish({ status: 200, bytes_out: Buffer.byteLength(text) })
        const printed = serializable(result, text)
        texts.set(printed, text)
        return printed
      } catch (thrown) {
        if (!(thrown instanceof McpUpstreamError) || running.interrupted) throw running.fail(thrown)
        running.payload?.response.add(exactJson({ error: { code: thrown.code, message: thrown.message } }))
        running.finish(
          CALLERS_FAULT.has(thrown.code)
            ? { status: 400, code: 'INVALID_REQUEST' }
            : { status: 502, code: 'UPSTREAM_ERROR' },
        )
        const { code, message, data } = safeError(thrown)
        // The SDK serializes it on its own.
        throw new McpUpstreamError(code, message, serializable(data))
      }
    },
  }
}

function withoutServer(result: JsonObject): JsonObject {
  const { _meta } = result
  if (typeof _meta !== 'object' || _meta === null || !(SERVER_INFO in _meta)) return result
  const { [SERVER_INFO]: _server, ...meta } = _meta as JsonObject
  return { ...result, _meta: meta }
}
