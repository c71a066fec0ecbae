import { HallpassError } from '../../../contract/errors.ts'
import type { ConnectionRuntime } from './connection-runtime.ts'
import { enveloped, unenveloped } from './handshake.ts'
import { fulfilled, needsInput } from './input-required.ts'
import { createListenStream, type ListenStream } from './listen-stream.ts'
import { McpUpstreamError, type ClientFacing, type McpRequestOptions, type McpSession } from '../mcp-upstreams.ts'
import { isTooDeep, objectOf, type JsonObject } from '../../text/json.ts'
import { untilAborted } from '../../text/until-aborted.ts'
import { UpstreamFault } from './message-pipe.ts'
import { paramHeaders } from './param-headers.ts'
import type { UpstreamLink } from './upstream-link.ts'
import { problemOf } from '../upstream-problem.ts'
import { visibleDefinition } from '../../text/visible-text.ts'

export interface SessionParts {
  connection: string
  /** Of this moment: a new secret makes a new one. Throws for a connection that is gone. */
  runtime(): ConnectionRuntime
  scrub(text: string): string
  client: ClientFacing
  /** Throws for a tool that may not be called; answers its input schema, where it is known. */
  admit(tool: string): unknown
  /** A `tools/list` result without what its owner has not accepted. */
  filtered(result: JsonObject): JsonObject
  /** The upstream said that its lists changed. */
  listChanged(): void
  /** A request was answered (null), or failed by the upstream's doing. */
  outcome(failure: HallpassError | null, method: string, tookMs: number): void
  onClose(): void
}

const SILENCE_MS = 300_000
/** Nothing changes upstream by asking twice. */
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
  /** Ends what is open upstream; the next request opens it anew. */
  reset(): Promise<void>
}

/** The session of one client: opens its link when it is first needed, and again when it broke. */
export function createSession(parts: SessionParts): ResettableSession {
  const { connection, client, scrub } = parts
  const subscribed = new Set<string>()
  const closing = new AbortController()
  let level: string | null = null
  let opening: Promise<UpstreamLink> | null = null
  let listening: ListenStream | null = null

  async function openAnew(): Promise<UpstreamLink> {
    let link: UpstreamLink | null = null
    link = await parts.runtime().open({
      prefers: client.prefers ?? 'legacy',
      client,
      signal: closing.signal,
      handlers: {
        request: (method, params, context) => client.request(method, params, context),
        notify: (method, params, during) => {
          if (method.endsWith('/list_changed')) parts.listChanged()
          client.notify(method, params, during)
        },
        // While it is being opened, the opening itself fails.
        closed: () => {
          if (link !== null) drop(link)
        },
      },
    })
    await takeUp(link)
    return link
  }

  function linked(): Promise<UpstreamLink> {
    if (closing.signal.aborted) return Promise.reject(closing.signal.reason as Error)
    if (opening === null) {
      const mine = openAnew()
      opening = mine
      mine.catch(() => {
        if (opening === mine) opening = null
      })
    }
    return opening
  }

  /** A link that broke is closed and forgotten; the next request opens another. */
  function drop(link: UpstreamLink): void {
    listening = null
    opening = null
    void link.close()
  }

  /** A new session upstream knows nothing of what the client asked the one before. */
  async function takeUp(link: UpstreamLink): Promise<void> {
    if (link.facts.era === 'modern') {
      listening = createListenStream(
        link.peer,
        (params) => enveloped(params, { ...client, logLevel: level }),
        link.pipe.perRequestStream,
      )
      if (client.listens ?? client.prefers !== 'modern') listening.listen(filterOf(link))
      return
    }
    const asked: [string, JsonObject][] = [...subscribed].map((uri) => ['resources/subscribe', { uri }])
    if (level !== null) asked.push(['logging/setLevel', { level }])
    for (const [method, params] of asked) {
      // Refused now though it was taken before: the client keeps what still works.
      await link.peer.request(method, params, { timeoutMs: SILENCE_MS, cancelBy: 'notify' }).catch(() => undefined)
    }
  }

  function filterOf({ facts }: UpstreamLink): JsonObject {
    const has = (list: string): boolean => objectOf(facts.capabilities[list])?.['listChanged'] === true
    return {
      ...(has('tools') ? { toolsListChanged: true } : {}),
      ...(has('prompts') ? { promptsListChanged: true } : {}),
      ...(has('resources') ? { resourcesListChanged: true } : {}),
      ...(subscribed.size === 0 ? {} : { resourceSubscriptions: [...subscribed] }),
    }
  }

  /** What a modern upstream has no method for. */
  function answeredHere(method: string, link: UpstreamLink): JsonObject | null {
    if (link.facts.era !== 'modern') return null
    if (method === 'ping' || method === 'logging/setLevel') return {}
    if (method !== 'resources/subscribe' && method !== 'resources/unsubscribe') return null
    listening?.listen(filterOf(link))
    return {}
  }

  function send(
    link: UpstreamLink,
    method: string,
    params: JsonObject | undefined,
    options: McpRequestOptions,
    schema: unknown,
  ): Promise<JsonObject> {
    const modern = link.facts.era === 'modern'
    const asker = {
      clientInfo: options.clientInfo ?? client.clientInfo,
      capabilities: options.capabilities ?? client.capabilities,
      logLevel: logLevelOf(params) ?? level,
    }
    const headers =
      modern && link.pipe.perRequestStream && schema !== undefined ? paramHeaders(schema, params?.['arguments']) : {}
    return link.peer.request(method, modern ? enveloped(params, asker) : unenveloped(params), {
      timeoutMs: options.timeoutMs ?? SILENCE_MS,
      onProgress: options.onProgress,
      handle: options.handle ?? null,
      headers,
      cancelBy: modern && link.pipe.perRequestStream ? 'stream' : 'notify',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
  }

  async function attempt(
    method: string,
    params: JsonObject | undefined,
    options: McpRequestOptions,
    schema: unknown,
    again: boolean,
  ): Promise<JsonObject> {
    const link = await untilAborted(linked(), options.signal)
    // Not before: what is remembered is asked for when a link opens, and would be asked for twice.
    remember(method, params)
    const here = answeredHere(method, link)
    if (here !== null) return here
    try {
      return await send(link, method, params, options, schema)
    } catch (thrown) {
      if (!again || !(thrown instanceof UpstreamFault)) throw thrown
      // An upstream that forgot the session has not looked at the request, whatever it was.
      const expired = thrown.reason === 'expired' && link.facts.era === 'legacy'
      const lost = (thrown.reason === 'crashed' || thrown.reason === 'unreachable') && REPEATABLE.has(method)
      if (!expired && !lost) throw thrown
      if (opening !== null && (await opening.catch(() => null)) === link) drop(link)
      return attempt(method, params, options, schema, false)
    }
  }

  async function carriedOut(
    method: string,
    params: JsonObject | undefined,
    options: McpRequestOptions,
  ): Promise<JsonObject> {
    const schema = method === 'tools/call' ? parts.admit(String(params?.['name'])) : undefined
    const once = (inner: JsonObject | undefined): Promise<JsonObject> => attempt(method, inner, options, schema, true)
    const first = await once(params)
    const result =
      needsInput(first) && options.inputRequired !== 'return'
        ? await fulfilled(
            first,
            params,
            (asked, inner, signal) => client.request(asked, inner, { signal, during: options.handle ?? null }),
            once,
            options.signal,
          )
        : first
    if (method === 'tools/list') return parts.filtered(result)
    return method.endsWith('/list') && !isTooDeep(result) ? visibleDefinition(result) : result
  }

  function remember(method: string, params: JsonObject | undefined): void {
    const uri = params?.['uri']
    if (method === 'resources/subscribe' && typeof uri === 'string') subscribed.add(uri)
    if (method === 'resources/unsubscribe' && typeof uri === 'string') subscribed.delete(uri)
    if (method === 'logging/setLevel' && typeof params?.['level'] === 'string') level = params['level']
  }

  return {
    connection,
    async request(method, params, options = {}) {
      const start = performance.now()
      try {
        const result = await carriedOut(method, params, options)
        parts.outcome(null, method, performance.now() - start)
        return result
      } catch (thrown) {
        if (options.signal?.aborted === true) throw options.signal.reason
        const problem = problemOf(thrown, connection, scrub)
        if (thrown instanceof McpUpstreamError) parts.outcome(null, method, performance.now() - start)
        else if (problem instanceof HallpassError && !closing.signal.aborted)
          parts.outcome(problem, method, performance.now() - start)
        throw problem
      }
    },
    async notify(method, params) {
      const link = await opening?.catch(() => null)
      if (link === null || link === undefined || link.facts.era === 'modern') return
      // Nobody waits for it, and a link that broke tells so with the next request.
      await link.peer.notify(method, unenveloped(params)).catch(() => undefined)
    },
    async opened(signal) {
      try {
        return (await untilAborted(linked(), signal)).facts
      } catch (thrown) {
        if (signal?.aborted === true) throw signal.reason
        throw problemOf(thrown, connection, scrub)
      }
    },
    async reset() {
      const link = await opening?.catch(() => null)
      if (link !== null && link !== undefined) drop(link)
      await link?.close()
    },
    async close() {
      if (closing.signal.aborted) return
      closing.abort(new HallpassError('UPSTREAM_ERROR', `The session with “${connection}” was closed.`))
      parts.onClose()
      listening?.end()
      const link = await opening?.catch(() => null)
      await link?.close()
    },
  }
}

function logLevelOf(params: JsonObject | undefined): string | null {
  const level = objectOf(params?.['_meta'])?.['io.modelcontextprotocol/logLevel']
  return typeof level === 'string' ? level : null
}
