import {
  McpUpstreamError,
  type ClientFacing,
  type McpSession,
  type McpUpstreams,
} from '../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../text/json.ts'
import { requireSafeElicitation } from './elicitation-urls.ts'
import { isAtLeast, type Turn } from './client-turn.ts'

interface SessionClient {
  /** Key of its token. */
  owner: string
  info(): JsonObject
  capabilities(): JsonObject
  /** For messages outside any request of the client. */
  voice: Turn
}

/**
 * The upstream sessions of one client with a session. They aren't shared, so that no message of another client can
 * arrive.
 */
export interface SessionLink {
  /** Returns the client's own session with the upstream, which opens with its first request. */
  session(connection: string): McpSession
  /** Sends updates of a resource to the client from now on, under the URI it used (`shown`). */
  subscribe(connection: string, uri: string, shown: string, signal: AbortSignal): Promise<void>
  unsubscribe(connection: string, uri: string, shown: string, signal?: AbortSignal): Promise<void>
  setLogLevel(level: string): void
  rootsChanged(): void
  /** Ends the sessions of connections that the client can no longer reach. */
  keepOnly(reaches: (connection: string) => boolean): void
  close(): Promise<void>
}

interface Parts {
  upstreams: McpUpstreams
  /** Called when an upstream announces that one of its lists changed. */
  onListChanged: (connection: string) => void
  onError: (error: unknown) => void
}

/**
 * The link of a client with a session (up to 2025-11-25): one upstream session per connection, for the session's
 * lifetime.
 */
export function createSessionLink({ upstreams, onListChanged, onError }: Parts, client: SessionClient): SessionLink {
  const sessions = new Map<string, McpSession>()
  /** Connection and upstream URI → URIs that the client used. */
  const watched = new Map<string, Set<string>>()
  let logLevel: string | null = null
  let closed = false

  function facing(connection: string): ClientFacing {
    return {
      owner: client.owner,
      prefers: 'legacy',
      get clientInfo() {
        return client.info()
      },
      get capabilities() {
        return upstreamCapabilities(client.capabilities())
      },
      request: (method, params, { signal, during }) => {
        requireCapability(client.capabilities(), method)
        requireSafeElicitation(method, params)
        return ((during as Turn | null) ?? client.voice).ask(method, params, signal)
      },
      notify(method, params, during) {
        if (method.endsWith('/list_changed')) return onListChanged(connection)
        if (method === 'notifications/resources/updated') {
          const changed = params?.['uri']
          if (typeof changed !== 'string') return
          for (const uri of watched.get(watchKey(connection, changed)) ?? [])
            client.voice.tell(method, { ...params, uri })
          return
        }
        if (method === 'notifications/message' && logLevel !== null && !isAtLeast(params?.['level'], logLevel)) return
        ;((during as Turn | null) ?? client.voice).tell(method, params)
      },
    }
  }

  function sessionFor(connection: string): McpSession {
    if (closed) throw new McpUpstreamError(-32000, 'The session was closed.')
    const known = sessions.get(connection)
    if (known !== undefined) return known
    const session = upstreams.openSession(connection, facing(connection))
    sessions.set(connection, session)
    if (logLevel !== null) passLogLevel(session, logLevel)
    return session
  }

  function passLogLevel(session: McpSession, level: string): void {
    if (upstreams.catalog(session.connection).capabilities['logging'] === undefined) return
    session.request('logging/setLevel', { level }).catch(onError)
  }

  return {
    session: sessionFor,
    async subscribe(connection, uri, shown, signal) {
      const key = watchKey(connection, uri)
      const under = watched.get(key) ?? new Set()
      await sessionFor(connection).request('resources/subscribe', { uri }, { signal })
      watched.set(key, under.add(shown))
    },
    async unsubscribe(connection, uri, shown, signal) {
      const under = watched.get(watchKey(connection, uri))
      under?.delete(shown)
      if (under !== undefined && under.size > 0) return
      watched.delete(watchKey(connection, uri))
      await sessionFor(connection).request('resources/unsubscribe', { uri }, signal === undefined ? {} : { signal })
    },
    setLogLevel(level) {
      logLevel = level
      for (const session of sessions.values()) passLogLevel(session, level)
    },
    rootsChanged() {
      for (const session of sessions.values()) session.notify('notifications/roots/list_changed').catch(onError)
    },
    keepOnly(reaches) {
      for (const [connection, session] of sessions) {
        if (reaches(connection)) continue
        sessions.delete(connection)
        session.close().catch(onError)
      }
    },
    async close() {
      closed = true
      const all = [...sessions.values()]
      sessions.clear()
      await Promise.all(all.map((session) => session.close()))
    },
  }
}

/**
 * Returns the client capabilities that are announced to an upstream. Tasks concern a single hop, and Hallpass runs
 * none.
 */
export function upstreamCapabilities(declared: JsonObject): JsonObject {
  const { tasks: _, ...capabilities } = declared
  return capabilities
}

const NEEDS: Record<string, string> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
}

/** Throws what the client itself would respond if an upstream asks for something the client doesn't support. */
export function requireCapability(capabilities: JsonObject, method: string): void {
  const needed = NEEDS[method]
  if (needed === undefined || capabilities[needed] === undefined)
    throw new McpUpstreamError(-32601, `The client doesn't support ${method}.`)
}

function watchKey(connection: string, uri: string): string {
  return `${connection}\0${uri}`
}
