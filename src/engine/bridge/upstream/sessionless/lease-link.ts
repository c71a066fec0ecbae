import { McpUpstreamError, type ClientFacing, type McpUpstreams } from '../../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../../text/json.ts'
import type { Turn } from '../client-turn.ts'
import { requireSafeElicitation } from '../elicitation-urls.ts'
import { requireCapability, upstreamCapabilities } from '../session-link.ts'
import { createSessionSlots } from './session-slots.ts'
import { createUpstreamWatchers, type UpstreamWatchers } from './upstream-watchers.ts'

interface LeaseRequest {
  connection: string
  method: string
  params: JsonObject
  turn: Turn
  signal: AbortSignal
  /** Present only if the client asked for progress. */
  onProgress?: (progress: JsonObject) => void
  /** A request without a session, which repeats the client's info. */
  info?: JsonObject
  capabilities?: JsonObject
}

/**
 * The upstream sessions of one client without a session. They aren't shared, so that no message of another client can
 * arrive.
 */
export interface LeaseLink extends UpstreamWatchers {
  request(request: LeaseRequest): Promise<JsonObject>
}

interface Parts {
  /** Key of the client's token. */
  owner: string
  upstreams: McpUpstreams
  onListChanged: (connection: string) => void
  onUpdated: (uri: string, params: JsonObject) => void
  onError: (error: unknown) => void
  /** How long an unused upstream session is kept. Default: 60,000 ms. */
  idleMs?: number
}

/**
 * The link of a client without a session (2026-07-28). If an upstream could ask the client during a call, the call gets
 * its own upstream session, so that every request from the upstream belongs to exactly one call. Other calls share one
 * session.
 */
export function createLeaseLink({
  owner,
  upstreams,
  onListChanged,
  onUpdated,
  onError,
  idleMs = 60_000,
}: Parts): LeaseLink {
  const slots = createSessionSlots({ idleMs, onError })
  // Separate sessions, because those of calls come and go.
  const watchers = createUpstreamWatchers({
    upstreams,
    facing: (connection) => facing(connection, { name: 'hallpass', version: '1' }, {}),
    onListChanged,
    onUpdated,
    onError,
  })

  function facing(connection: string, info: JsonObject, capabilities: JsonObject): ClientFacing {
    return {
      owner,
      prefers: 'modern',
      clientInfo: info,
      capabilities: upstreamCapabilities(capabilities),
      request(method, params, { signal, during }) {
        requireCapability(capabilities, method)
        requireSafeElicitation(method, params)
        if (during === null)
          throw new McpUpstreamError(-32600, `${method} is only possible during a call from the client.`)
        return (during as Turn).ask(method, params, signal)
      },
      notify(method, params, during) {
        if (method.endsWith('/list_changed')) return onListChanged(connection)
        if (during !== null) (during as Turn).tell(method, params)
      },
    }
  }

  return {
    ...watchers,
    async request({ connection, method, params, signal, turn, onProgress, info = {}, capabilities = {} }) {
      const { session, release } = await slots.take({
        connection,
        key: JSON.stringify([info, capabilities]),
        alone: canAsk(capabilities) && upstreams.catalog(connection).era !== 'modern',
        signal,
        open: () => upstreams.openSession(connection, facing(connection, info, capabilities)),
      })
      try {
        return await session.request(method, params, {
          signal,
          handle: turn,
          inputRequired: 'return',
          clientInfo: info,
          capabilities: upstreamCapabilities(capabilities),
          ...(onProgress === undefined ? {} : { onProgress }),
        })
      } finally {
        release()
      }
    },
    keepOnly(reaches) {
      slots.keepOnly(reaches)
      watchers.keepOnly(reaches)
    },
    async close() {
      await Promise.all([slots.close(), watchers.close()])
    },
  }
}

function canAsk({ elicitation, sampling, roots }: JsonObject): boolean {
  return elicitation !== undefined || sampling !== undefined || roots !== undefined
}
