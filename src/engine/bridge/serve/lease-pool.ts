import type { InMemoryServerEventBus, McpHttpHandler } from '@modelcontextprotocol/server'
import type { Principal } from '../../access/principal.ts'
import type { Clock } from '../../clock.ts'
import type { JsonObject } from '../../mcp-upstreams/mcp-upstreams.ts'
import type { Caller } from '../caller.ts'
import type { ClientServerParts } from './client-server.ts'
import { createLeaseClient, type LeaseClient } from './lease-client.ts'
import { ownerOf } from './session-pool.ts'

/** A client of the era without sessions, known again by its token and by what it calls itself. */
export interface KeptClient {
  client: LeaseClient
  handler: McpHttpHandler
  /** Call the answer when the request is over. */
  enter(): () => void
}

export interface LeasePool {
  of(principal: Principal, info: unknown): KeptClient
  close(): Promise<void>
}

const MOST_CLIENTS = 256
const IDLE_MS = 10 * 60_000

interface Kept extends KeptClient {
  running: number
  lastUsed: number
  release: () => void
}

/** Each has its own bus and its own upstream sessions, so that nothing leads from one client to another. */
export function createLeasePool(parts: ClientServerParts, clock: Clock): LeasePool {
  const { sdk, onError } = parts
  const clients = new Map<string, Kept>()

  function drop(key: string): void {
    const kept = clients.get(key)
    if (kept === undefined) return
    clients.delete(key)
    kept.release()
    Promise.all([kept.handler.close(), kept.client.close()]).catch(onError)
  }

  function makeRoom(): void {
    const now = clock.monotonic()
    for (const [key, kept] of clients) {
      const old = now - kept.lastUsed > IDLE_MS
      if (kept.running === 0 && (old || clients.size >= MOST_CLIENTS)) drop(key)
    }
  }

  function make(key: string, principal: Principal): Kept {
    const bus = new sdk.InMemoryServerEventBus(onError)
    const client = createLeaseClient(parts, principal, (method, params) => publish(bus, method, params))
    const handler = sdk.createMcpHandler(({ authInfo }) => client.serve(() => authInfo?.extra?.['caller'] as Caller), {
      legacy: 'reject',
      bus,
    })
    const onEnd = (): void => drop(key)
    principal.signal.addEventListener('abort', onEnd, { once: true })
    const kept: Kept = {
      client,
      handler,
      running: 0,
      lastUsed: clock.monotonic(),
      release: () => principal.signal.removeEventListener('abort', onEnd),
      enter() {
        kept.running += 1
        kept.lastUsed = clock.monotonic()
        return () => {
          kept.running -= 1
          kept.lastUsed = clock.monotonic()
        }
      },
    }
    return kept
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
      makeRoom()
      const made = make(key, principal)
      clients.set(key, made)
      return made
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
