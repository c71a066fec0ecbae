import { HallpassError } from '../../../contract/errors.ts'
import type { Clock } from '../../clock.ts'
import { isTooDeep, type JsonObject } from '../../text/json.ts'
import { untilAborted } from '../../text/until-aborted.ts'
import { listedOthers } from '../catalog/catalog-view.ts'
import { McpUpstreamError, type ClientFacing, type McpRequestOptions, type McpSession } from '../mcp-upstreams.ts'
import { validResult } from '../protocol/valid-result.ts'
import { problemOf } from '../upstream-problem.ts'
import type { ConnectionRuntime } from './connection-runtime.ts'
import { unenveloped } from './handshake.ts'
import { createHeldLink } from './held-link.ts'
import { fulfilled, needsInput } from './input-required.ts'
import { requireNoRoots, sentWithoutRoots, withoutRoots } from '../client-roots.ts'
import { createLinkReview } from '../catalog/link-review.ts'
import { isLostSession } from './lost-session.ts'
import { UpstreamFault } from './message-pipe.ts'
import { peerRequest } from './peer-request.ts'
import { createClientWishes } from './take-up.ts'
import type { UpstreamLink } from './upstream-link.ts'

interface SessionParts {
  connection: string
  clock: Clock
  /**
   * Returns the current runtime, which differs after the secret was replaced. Throws if the connection was
   * deleted.
   */
  runtime(): ConnectionRuntime
  scrub(text: string): string
  client: ClientFacing
  /** Whether the upstream gets the client's folders (roots). */
  sharesRoots: boolean
  /** Throws while the upstream doesn't respond. */
  requireResponsive(): void
  /** Returns the input schema of a tool, if known. Throws if the tool can't be called. */
  admit(tool: string): unknown
  /** Receives the tools that a new link lists. Null if calls need no review. */
  relisted: ((tools: readonly JsonObject[]) => void) | null
  /** Returns a `tools/list` result without tools that the owner hasn't accepted. */
  filtered(result: JsonObject): JsonObject
  /** Called when the upstream announced changed lists. */
  listChanged(): void
  /** Called with null after a response, or with the error if the upstream failed. */
  outcome(failure: HallpassError | null, method: string, tookMs: number): void
  /** Called when the client canceled a request after this long without a message. */
  abandoned(silentMs: number): void
  onClose(): void
}

const PING_MS = 5000
/** Repeating these changes nothing upstream. */
const REPEATABLE: ReadonlySet<string> = new Set([
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
  'resources/read',
  'prompts/get',
  'completion/complete',
  'ping',
  'resources/subscribe',
  'resources/unsubscribe',
  'logging/setLevel',
])

export interface ResettableSession extends McpSession {
  /** Ends what is open upstream. The next request reopens it. */
  reset(): Promise<void>
  /** Lists the tools over the open link as a sign of life. Resolves with false if none is open. */
  probe(signal: AbortSignal): Promise<boolean>
}

/** Creates the session of one client. Its link opens when first needed, and again after it broke. */
export function createSession(parts: SessionParts): ResettableSession {
  const { connection, sharesRoots, scrub, clock } = parts
  const client = sharesRoots ? parts.client : withoutRoots(parts.client)
  const wishes = createClientWishes(client)
  const closing = new AbortController()

  const held = createHeldLink(
    (handlers) =>
      parts.runtime().open({
        prefers: client.prefers ?? 'legacy',
        client,
        owner: client.owner,
        signal: closing.signal,
        handlers: {
          ...handlers,
          request: (method, params, context) => client.request(method, params, context),
          notify: (method, params, during) => {
            if (method.endsWith('/list_changed')) parts.listChanged()
            client.notify(method, params, during)
          },
        },
      }),
    wishes,
    closing.signal,
  )

  function send(
    link: UpstreamLink,
    method: string,
    params: JsonObject | undefined,
    options: McpRequestOptions,
    schema?: unknown,
  ): Promise<JsonObject> {
    const own = sharesRoots ? { params, options } : sentWithoutRoots(params, options)
    const request = peerRequest(link, { ...own, schema, client, logLevel: wishes.logLevel })
    return link.peer.request(method, request.params, request.options)
  }

  const review = createLinkReview({ send, relisted: parts.relisted, closing: closing.signal })

  /** Closes a link that timed out unless it still responds: one slow tool doesn't mean that the upstream hangs. */
  async function dropIfSilent(link: UpstreamLink): Promise<void> {
    if (link.facts.era === 'modern') return
    const isAlive = await link.peer.request('ping', undefined, { timeoutMs: PING_MS, cancelBy: 'notify' }).then(
      () => true,
      (thrown: unknown) => thrown instanceof McpUpstreamError,
    )
    if (!isAlive) await held.drop(link)
  }

  async function attempt(
    method: string,
    params: JsonObject | undefined,
    options: McpRequestOptions,
    mayRepeat: boolean,
  ): Promise<JsonObject> {
    options.signal?.throwIfAborted()
    const link = held.current ?? (await untilAborted(held.open(), options.signal))
    // Not earlier, because remembered requests are repeated on a new link and would be sent twice.
    wishes.remember(method, params)
    const here = wishes.answerHere(method, link)
    if (here !== null) return here
    try {
      const tool = method === 'tools/call' ? String(params?.['name']) : null
      const pending = tool === null ? null : review.pending(link)
      if (pending !== null) await untilAborted(pending, options.signal)
      return await send(link, method, params, options, tool === null ? undefined : parts.admit(tool))
    } catch (thrown) {
      // An upstream that lost the session hasn't executed the request.
      const isLost = link.facts.era === 'legacy' && isLostSession(thrown, link.pipe.perRequestStream)
      const isFault = thrown instanceof UpstreamFault
      if (isFault && thrown.reason === 'timeout') void dropIfSilent(link)
      const isBroken = isFault && (thrown.reason === 'crashed' || thrown.reason === 'unreachable')
      if (!mayRepeat || !(isLost || (isBroken && REPEATABLE.has(method)))) throw thrown
      await held.drop(link)
      return attempt(method, params, options, false)
    }
  }

  async function carriedOut(
    method: string,
    params: JsonObject | undefined,
    options: McpRequestOptions,
  ): Promise<JsonObject> {
    if (method === 'tools/call') parts.admit(String(params?.['name']))
    const once = (inner: JsonObject | undefined): Promise<JsonObject> => attempt(method, inner, options, true)
    const first = await once(params)
    if (!sharesRoots && needsInput(first)) requireNoRoots(first)
    const result =
      needsInput(first) && options.inputRequired !== 'return'
        ? await fulfilled(
            first,
            params,
            (request, inner, signal) => client.request(request, inner, { signal, during: options.handle ?? null }),
            once,
            options.signal,
          )
        : first
    const valid = validResult(method, result, params)
    if (method === 'tools/list') return parts.filtered(valid)
    return method.endsWith('/list') && !isTooDeep(valid) ? listedOthers(method, valid) : valid
  }

  return {
    connection,
    async request(method, params, options = {}) {
      parts.requireResponsive()
      const start = clock.monotonic()
      const took = (): number => clock.monotonic() - start
      try {
        const result = await carriedOut(method, params, options)
        parts.outcome(null, method, took())
        return result
      } catch (thrown) {
        if (options.signal?.aborted === true) {
          parts.abandoned(took())
          throw options.signal.reason
        }
        const problem = problemOf(thrown, connection, scrub)
        if (thrown instanceof McpUpstreamError) parts.outcome(null, method, took())
        else if (problem instanceof HallpassError && !closing.signal.aborted) parts.outcome(problem, method, took())
        throw problem
      }
    },
    async notify(method, params) {
      const link = await held.now()
      if (link === null || link.facts.era === 'modern') return
      if (!sharesRoots && method === 'notifications/roots/list_changed') return
      // Nobody waits for it, and the next request fails on a broken link.
      await link.peer.notify(method, unenveloped(params)).catch(() => undefined)
    },
    async opened(signal) {
      try {
        return (await untilAborted(held.open(), signal)).facts
      } catch (thrown) {
        if (signal?.aborted === true) throw signal.reason
        throw problemOf(thrown, connection, scrub)
      }
    },
    async probe(signal) {
      const link = await held.now()
      if (link === null) return false
      await review.relist(link, signal)
      return true
    },
    async reset() {
      const link = await held.now()
      if (link !== null) await held.drop(link)
      await link?.close()
    },
    async close() {
      if (closing.signal.aborted) return
      closing.abort(new HallpassError('UPSTREAM_ERROR', `The session with MCP server "${connection}" was closed.`))
      parts.onClose()
      wishes.end()
      await (await held.now())?.close()
    },
  }
}
