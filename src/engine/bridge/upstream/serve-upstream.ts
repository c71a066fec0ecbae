import type { ServerContext } from '@modelcontextprotocol/server'
import { McpUpstreamError } from '../../mcp-upstreams/mcp-upstreams.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'
import { cleanText } from '../../text/clean-text.ts'
import { callOf, type Caller } from '../caller.ts'
import type { CallOpener, RunningCall } from '../../calls/open-call.ts'
import { exactJson, printable } from '../../text/exact-json.ts'
import type { SurfaceMode } from '../tools/surface.ts'
import { requireSafeInputs, safeError, URL_ELICITATION_REQUIRED } from './elicitation-urls.ts'
import { isAtLeast, type Turn } from './client-link.ts'
import { createHeldCall, type HeldCall } from './held-call.ts'
import type { HeldCalls } from './held-calls.ts'
import type { LeaseLink } from './lease-link.ts'
import type { RequestState, RequestStates } from './request-states.ts'
import { rewriteResult } from './rewrite-result.ts'
import type { SessionLink } from './session-link.ts'
import type { Target } from './targets.ts'

/** How one client is served: its era, and what it has upstream. */
export type ClientLink = { era: 'legacy'; link: SessionLink } | { era: 'modern'; link: LeaseLink; held: HeldCalls }

export interface UpstreamTurn {
  target: Target
  mode: SurfaceMode
  clientLink: ClientLink
  caller: Caller
  client: string | null
  context: ServerContext
}

export interface UpstreamService {
  /** Carries a client's request through to its upstream: decided, logged, and in whatever mix of eras the two speak. */
  serve(turn: UpstreamTurn): Promise<JsonObject>
}

const CLIENT_INFO = 'io.modelcontextprotocol/clientInfo'
const CLIENT_CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
const LOG_LEVEL = 'io.modelcontextprotocol/logLevel'
const SERVER_INFO = 'io.modelcontextprotocol/serverInfo'
/** As long as a person may take to answer. */
const ANSWER_MS = 10 * 60_000
/** JSON-RPC errors by which an upstream says that the request itself was at fault. */
const CALLERS_FAULT = new Set([-32600, -32601, -32602, -32002, -32021, -32042])

export function createUpstreamService({
  opener,
  states,
}: {
  opener: CallOpener
  states: RequestStates
}): UpstreamService {
  async function inSession(turn: UpstreamTurn, link: SessionLink, running: RunningCall): Promise<JsonObject> {
    const { target, context } = turn
    const { connection, method, params } = target
    const { signal } = running
    const unsubscribing = method === 'resources/unsubscribe'
    if (method === 'resources/subscribe' || unsubscribing) {
      if (unsubscribing) await link.unsubscribe(connection, String(params['uri']), target.shown.resource ?? '', signal)
      else await link.subscribe(connection, String(params['uri']), target.shown.resource ?? '', signal)
      return {}
    }
    const asker = sessionTurn(context)
    const result = await link.request({
      connection,
      method,
      params: sentOn(params, context),
      turn: asker,
      signal,
      ...(context.mcpReq._meta?.progressToken === undefined
        ? {}
        : { onProgress: (progress) => asker.tell('notifications/progress', progress) }),
    })
    // What one era alone knows.
    const { resultType: _type, ttlMs: _ttl, cacheScope: _scope, ...known } = result
    return known
  }

  async function inLeg(
    turn: UpstreamTurn,
    clientLink: ClientLink & { era: 'modern' },
    running: RunningCall,
  ): Promise<JsonObject> {
    const { context } = turn
    const key = keyOf(turn.target)
    const state = context.mcpReq.requestState<RequestState>()
    if (state !== undefined && state.target !== key) throw invalidState()
    let call: HeldCall
    let leave = (): void => undefined
    if (state?.held === undefined) call = begin(turn, clientLink.link, state)
    else {
      const kept = clientLink.held.take(state.held)
      if (kept === null) throw invalidState()
      call = kept.call
      leave = kept.leave
      call.answer(context.mcpReq.inputResponses ?? {})
    }
    try {
      const leg = await call.next(running.signal, legTell(context))
      if (!leg.done) {
        if (state?.held === undefined) leave = heldOpen(running, call)
        const { inputRequests } = leg
        return {
          inputRequests,
          resultType: 'input_required',
          requestState: states.mint(running.principal, { target: key, held: clientLink.held.keep(call, leave) }),
        }
      }
      if (state?.held !== undefined) leave()
      return handedOut(leg.result, (upstream) => states.mint(running.principal, { target: key, upstream }))
    } catch (thrown) {
      if (state?.held !== undefined) leave()
      const asked = thrown instanceof McpUpstreamError ? asElicitations(safeError(thrown)) : null
      if (asked !== null) return asked
      throw thrown
    }
  }

  function begin({ target, context }: UpstreamTurn, link: LeaseLink, state: RequestState | undefined): HeldCall {
    const envelope = (context.mcpReq.envelope ?? {}) as JsonObject
    const { inputResponses } = context.mcpReq
    const params = {
      ...sentOn(target.params, context),
      ...(inputResponses === undefined ? {} : { inputResponses }),
      ...(state?.upstream === undefined ? {} : { requestState: state.upstream }),
    }
    const wantsProgress = context.mcpReq._meta?.progressToken !== undefined
    return createHeldCall((asker, dropped) =>
      link.request({
        connection: target.connection,
        method: target.method,
        params,
        turn: asker,
        signal: dropped,
        info: objectOf(envelope[CLIENT_INFO]) ?? {},
        capabilities: objectOf(envelope[CLIENT_CAPABILITIES]) ?? {},
        ...(wantsProgress
          ? { onProgress: (progress: JsonObject) => asker.tell('notifications/progress', progress) }
          : {}),
      }),
    )
  }

  return {
    async serve(turn) {
      const { target, mode, clientLink, caller, client, context } = turn
      const cancelled = context.mcpReq.signal
      const gone = cancelled === caller.gone ? cancelled : AbortSignal.any([cancelled, caller.gone])
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
      try {
        // MCP upstreams report their own health.
        running.reaches(null)
        const raw =
          clientLink.era === 'legacy'
            ? await inSession(turn, clientLink.link, running)
            : await inLeg(turn, clientLink, running)
        running.check()
        requireSafeInputs(raw)
        const result =
          mode.kind === 'pass-through' ? raw : rewriteResult(target.connection, target.method, withoutServer(raw))
        const text = exactJson(result)
        running.finish({ status: 200, bytes_out: Buffer.byteLength(text) })
        return printable(result, text)
      } catch (thrown) {
        if (!(thrown instanceof McpUpstreamError) || running.interrupted) throw running.fail(thrown)
        running.finish(
          CALLERS_FAULT.has(thrown.code)
            ? { status: 400, code: 'INVALID_REQUEST' }
            : { status: 502, code: 'UPSTREAM_ERROR' },
        )
        throw safeError(thrown)
      }
    },
  }
}

/** The upstream's call goes on after the row of the request that began it: whatever ends its access drops it. */
function heldOpen(running: RunningCall, call: HeldCall): () => void {
  const { signal } = running
  const drop = (): void => call.drop(signal.reason)
  const deregister = running.detach()
  signal.addEventListener('abort', drop, { once: true })
  return () => {
    signal.removeEventListener('abort', drop)
    deregister()
  }
}

/** Requests go to the client as requests of their own. */
function sessionTurn(context: ServerContext): Turn {
  return {
    ask: (method, params, signal) =>
      context.mcpReq.send(
        { method: method as 'roots/list', ...(params === undefined ? {} : { params }) },
        { signal, timeout: ANSWER_MS },
      ) as Promise<JsonObject>,
    tell: (method, params) => tell(context, method, params),
  }
}

/** In the era without sessions a client is told of its call alone, and of log messages where its request says from which level on. */
function legTell(context: ServerContext): Turn['tell'] {
  const level = (context.mcpReq.envelope as JsonObject | undefined)?.[LOG_LEVEL]
  return (method, params) => {
    const isLog = method === 'notifications/message' && typeof level === 'string' && isAtLeast(params?.['level'], level)
    if (isLog || method === 'notifications/progress') tell(context, method, params)
  }
}

function tell(context: ServerContext, method: string, params: JsonObject | undefined): void {
  const progressToken = context.mcpReq._meta?.progressToken
  if (method === 'notifications/progress' && progressToken === undefined) return
  const whole = method === 'notifications/progress' ? { ...params, progressToken } : params
  // A client that went away needs to be told nothing.
  context.mcpReq.notify({ method, ...(whole === undefined ? {} : { params: whole }) }).catch(() => undefined)
}

/** What belongs to the client's hop alone is left out: its progress token, and tasks, which Hallpass runs none of. */
function sentOn({ _meta, task: _task, ...params }: JsonObject, context: ServerContext): JsonObject {
  const { progressToken: _token, ...meta } = objectOf(_meta) ?? {}
  const level = (context.mcpReq.envelope as JsonObject | undefined)?.[LOG_LEVEL]
  const whole = { ...meta, ...(level === undefined ? {} : { [LOG_LEVEL]: level }) }
  return Object.keys(whole).length === 0 ? params : { ...params, _meta: whole }
}

/** An upstream's own state is signed for the client that it is handed to. */
function handedOut(result: JsonObject, sign: (upstream: string) => string): JsonObject {
  const { resultType, requestState } = result
  return resultType === 'input_required' && typeof requestState === 'string'
    ? { ...result, requestState: sign(requestState) }
    : result
}

/** Older upstreams refuse a call until the user has opened an address; the newer era asks for that as for any input. */
function asElicitations(error: McpUpstreamError): JsonObject | null {
  if (error.code !== URL_ELICITATION_REQUIRED) return null
  const { elicitations } = objectOf(error.data) ?? {}
  if (!Array.isArray(elicitations) || elicitations.length === 0) return null
  const asked = elicitations.map((each: unknown, index): [string, JsonObject] => {
    const { message, url } = objectOf(each) ?? {}
    return [`url-${index + 1}`, { method: 'elicitation/create', params: { mode: 'url', message, url } }]
  })
  return { resultType: 'input_required', inputRequests: Object.fromEntries(asked) }
}

function withoutServer(result: JsonObject): JsonObject {
  const { _meta } = result
  if (typeof _meta !== 'object' || _meta === null || !(SERVER_INFO in _meta)) return result
  const { [SERVER_INFO]: _server, ...meta } = _meta as JsonObject
  return { ...result, _meta: meta }
}

/** The request that a state belongs to. */
function keyOf({ connection, method, params }: Target): string {
  return JSON.stringify([connection, method, params['name'] ?? params['uri'] ?? null])
}

function invalidState(): McpUpstreamError {
  return new McpUpstreamError(-32602, 'Invalid or expired requestState', { reason: 'invalid_request_state' })
}
