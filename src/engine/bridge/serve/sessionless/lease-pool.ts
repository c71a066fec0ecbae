import type { InMemoryServerEventBus, McpHttpHandler } from '@modelcontextprotocol/server'
import { HallpassError } from '../../../../contract/errors.ts'
import type { Principal } from '../../../access/principal.ts'
import type { Clock } from '../../../clock.ts'
import type { JsonObject } from '../../../text/json.ts'
import type { Caller } from '../../caller.ts'
import type { ClientServerParts } from '../client-server.ts'
import { createLeaseClient, type LeaseClient } from './lease-client.ts'
import { ownerOf } from '../sessions/session-pool.ts'

/** A client of the protocol without sessions (2026-07-28), recognized by its token, name and version. */
interface KeptClient {
  client: LeaseClient
  handler: McpHttpHandler
  /** Counts a request as running, until the returned function is called. */
  enter(): () => void
}

export interface LeasePool {
  /**
   * Returns the client with this token and client info, and creates it if necessary. Throws RATE_LIMITED if too many
   * of the token are busy.
   */
  of(principal: Principal, info: unknown): KeptClient
  close(): Promise<void>
}

const MAX_PER_TOKEN = 128
const IDLE_MS = 10 * 60_000

interface PooledClient extends KeptClient {
  owner: string
  running: number
  lastUsed: number
  /** Cancels the idle timer and stops listening to the token. */
  release: () => void
}

/**
 * The live clients without sessions. Each has its own event bus and upstream sessions, so no message can reach another client.
 * Ten minutes after its last request a client is closed, and the processes of its upstream sessions end with it.
 */
export function createLeasePool(parts: ClientServerParts, clock: Clock): LeasePool {
  const { sdk, onError } = parts
  const clients = new Map<string, PooledClient>()

  function drop(key: string): void {
    const pooled = clients.get(key)
    if (pooled === undefined) return
    clients.delete(key)
    pooled.release()
    Promise.all([pooled.handler.close(), pooled.client.close()]).catch(onError)
  }

  /** Throws RATE_LIMITED if every client of the token has a running request. */
  function evictIdle(owner: string): void {
    const own = [...clients].filter(([, pooled]) => pooled.owner === owner)
    if (own.length < MAX_PER_TOKEN) return
    const [idlest] = own
      .filter(([, { running }]) => running === 0)
      .toSorted(([, one], [, other]) => one.lastUsed - other.lastUsed)
    if (idlest === undefined) {
      throw new HallpassError(
        'RATE_LIMITED',
        `This token already has ${MAX_PER_TOKEN} MCP clients with running requests. Try again when one of them is finished.`,
      )
    }
    drop(idlest[0])
  }

  function open(key: string, principal: Principal): PooledClient {
    const bus = new sdk.InMemoryServerEventBus(onError)
    const client = createLeaseClient(parts, principal, (method, params) => publish(bus, method, params))
    const handler = sdk.createMcpHandler(({ authInfo }) => client.serve(() => authInfo?.extra?.['caller'] as Caller), {
      legacy: 'reject',
      bus,
    })
    const onEnd = (): void => drop(key)
    principal.signal.addEventListener('abort', onEnd, { once: true })
    let cancelTimer = (): void => {}
    const pooled: PooledClient = {
      owner: ownerOf(principal),
      client,
      handler,
      running: 0,
      lastUsed: clock.monotonic(),
      release() {
        cancelTimer()
        principal.signal.removeEventListener('abort', onEnd)
      },
      enter() {
        pooled.running += 1
        cancelTimer()
        return () => {
          pooled.running -= 1
          pooled.lastUsed = clock.monotonic()
          // A client can disappear without notice, so only its inactivity shows that.
          if (pooled.running === 0 && clients.get(key) === pooled) cancelTimer = clock.after(IDLE_MS, onEnd)
        }
      },
    }
    return pooled
  }

  return {
    of(principal, info) {
      const { name, version } = (typeof info === 'object' && info !== null ? info : {}) as JsonObject
      const key = JSON.stringify([
        ownerOf(principal),
        String(name ?? '').slice(0, 200),
        String(version ?? '').slice(0, 100),
      ])
      const known = clients.get(key)
      if (known !== undefined) return known
      evictIdle(ownerOf(principal))
      const opened = open(key, principal)
      clients.set(key, opened)
      return opened
    },
    async close() {
      const all = [...clients.values()]
      clients.clear()
      for (const { release } of all) release()
      await Promise.all(all.flatMap(({ handler, client }) => [handler.close(), client.close()]))
    },
  }
}

function publish(bus: InMemoryServerEventBus, method: string, params: JsonObject): void {
  switch (method) {
    case 'notifications/tools/list_changed':
      return bus.publish({ kind: 'tools_list_changed' })
    case 'notifications/prompts/list_changed':
      return bus.publish({ kind: 'prompts_list_changed' })
    case 'notifications/resources/list_changed':
      return bus.publish({ kind: 'resources_list_changed' })
    case 'notifications/resources/updated':
      return bus.publish({ kind: 'resource_updated', uri: String(params['uri']), params })
    default:
  }
}
