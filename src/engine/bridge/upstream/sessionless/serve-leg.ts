import { McpUpstreamError } from '../../../mcp-upstreams/mcp-upstreams.ts'
import { objectOf, type JsonObject } from '../../../text/json.ts'
import type { RunningCall } from '../../../calls/running-call.ts'
import { legTell, sentOn } from '../client-turn.ts'
import { safeError, URL_ELICITATION_REQUIRED } from '../elicitation-urls.ts'
import { createHeldCall, type HeldCall } from './held-call.ts'
import type { HeldCalls } from './held-calls.ts'
import type { LeaseLink } from './lease-link.ts'
import type { RequestState, RequestStates } from './request-states.ts'
import type { UpstreamTurn } from '../serve-upstream.ts'
import type { Target } from '../targets.ts'

/** How a client without sessions (2026-07-28) is served. */
export interface SessionlessLink {
  era: 'modern'
  link: LeaseLink
  held: HeldCalls
}

interface Legs {
  /**
   * Runs a call until it ends, or until its upstream asks for something that the client must answer with another
   * request.
   */
  serve(turn: UpstreamTurn, clientLink: SessionlessLink, running: RunningCall): Promise<JsonObject>
}

const CLIENT_INFO = 'io.modelcontextprotocol/clientInfo'
const CLIENT_CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'

/** Serves calls of clients without sessions. Each request of the client is one leg of a call. */
export function createLegs(states: RequestStates): Legs {
  return { serve }

  async function serve(turn: UpstreamTurn, clientLink: SessionlessLink, running: RunningCall): Promise<JsonObject> {
    const { context } = turn
    const key = keyOf(turn.target)
    const state = context.mcpReq.requestState<RequestState>()
    if (state !== undefined && state.target !== key) throw invalidState()
    let call: HeldCall
    let leave = (): void => undefined
    if (state?.held === undefined) call = begin(turn, clientLink.link, state)
    else {
      const stored = clientLink.held.take(state.held)
      if (stored === null) throw invalidState()
      call = stored.call
      leave = stored.leave
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
      const requests = thrown instanceof McpUpstreamError ? asElicitations(safeError(thrown)) : null
      if (requests !== null) return requests
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
}

/** The upstream's call outlives the row of the request that started it. Ending the access drops it. */
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

/** Signs an upstream's state for the client that receives it. */
function handedOut(result: JsonObject, sign: (upstream: string) => string): JsonObject {
  const { resultType, requestState } = result
  return resultType === 'input_required' && typeof requestState === 'string'
    ? { ...result, requestState: sign(requestState) }
    : result
}

/** Older upstreams fail a call until the user has opened a URL. Newer clients expect that as a request for input. */
function asElicitations(error: McpUpstreamError): JsonObject | null {
  if (error.code !== URL_ELICITATION_REQUIRED) return null
  const { elicitations } = objectOf(error.data) ?? {}
  if (!Array.isArray(elicitations) || elicitations.length === 0) return null
  const requests = elicitations.map((each: unknown, index): [string, JsonObject] => {
    const { message, url } = objectOf(each) ?? {}
    return [`url-${index + 1}`, { method: 'elicitation/create', params: { mode: 'url', message, url } }]
  })
  return { resultType: 'input_required', inputRequests: Object.fromEntries(requests) }
}

/** Returns the key of the request that a state belongs to. */
function keyOf({ connection, method, params }: Target): string {
  return JSON.stringify([connection, method, params['name'] ?? params['uri'] ?? null])
}

function invalidState(): McpUpstreamError {
  return new McpUpstreamError(-32602, 'Invalid or expired requestState', { reason: 'invalid_request_state' })
}
