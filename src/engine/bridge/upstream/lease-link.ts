import { HallpassError } from '../../../contract/errors.ts'
import {
  McpUpstreamError,
  type ClientFacing,
  type McpSession,
  type McpUpstreams,
} from '../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../text/json.ts'
import type { ClientLink, LinkRequest, Turn } from './client-link.ts'
import { requireSafeElicitation } from './elicitation-urls.ts'
import { requireCapability, upstreamCapabilities } from './session-link.ts'

/** As told with each request of the era without sessions. */
export interface LeaseRequest extends LinkRequest {
  info: JsonObject
  capabilities: JsonObject
}

export interface LeaseLink extends ClientLink {
  /** Keeps an upstream session open for what these connections say of their lists; resolves once they do, never rejects. */
  listen(connections: readonly string[]): Promise<void>
  /** Takes back one `listen` of these connections; a session that nothing else needs is closed. */
  unlisten(connections: readonly string[]): void
  request(request: LeaseRequest | (LinkRequest & Partial<LeaseRequest>)): Promise<JsonObject>
}

interface SessionSlot {
  session: McpSession
  /** Calls that it carries now. */
  calls: number
  idle: NodeJS.Timeout | null
}

interface SessionGroup {
  slots: SessionSlot[]
  waiting: (() => void)[]
}

interface Parts {
  upstreams: McpUpstreams
  onListChanged: (connection: string) => void
  onUpdated: (uri: string, params: JsonObject) => void
  onError: (error: unknown) => void
  /** How long an upstream session without work is kept; 60,000 ms if left out. */
  idleMs?: number
}

/** Each is a process where the upstream is one, so there are few; further requests wait. */
const MAX_SLOTS = 8
const LONGEST_WAIT_MS = 60_000

/**
 * The link of a client without a session (2026-07-28). Where an upstream could ask the client in the middle of a call, the call
 * has an upstream session to itself, so that what is asked has exactly one asker; else all calls of the client share one.
 */
export function createLeaseLink({ upstreams, onListChanged, onUpdated, onError, idleMs = 60_000 }: Parts): LeaseLink {
  const groups = new Map<string, SessionGroup>()
  /** Its own session, since those of calls come and go. */
  const watchers = new Map<string, { session: McpSession; watched: Map<string, Set<string>>; listening: number }>()
  let closed = false

  function facing(connection: string, info: JsonObject, capabilities: JsonObject): ClientFacing {
    return {
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

  async function take(request: LeaseRequest): Promise<{ session: McpSession; release: () => void }> {
    const { connection, info, capabilities, signal } = request
    const alone = canRequest(capabilities) && upstreams.catalog(connection).era !== 'modern'
    const key = JSON.stringify([connection, alone, info, capabilities])
    const group = groups.get(key) ?? { slots: [], waiting: [] }
    groups.set(key, group)
    for (;;) {
      if (closed) throw new HallpassError('UPSTREAM_ERROR', 'Hallpass is stopping; the request was cut off.')
      signal.throwIfAborted()
      const slot = group.slots.find((each) => each.calls === 0 || !alone) ?? open(group, request)
      if (slot !== null) return occupy(key, group, slot)
      await turnOf(group, AbortSignal.any([signal, AbortSignal.timeout(LONGEST_WAIT_MS)])).catch((thrown: unknown) => {
        if (signal.aborted) throw thrown
        throw new HallpassError(
          'RATE_LIMITED',
          `${MAX_SLOTS} calls of this client on “${connection}” are running or wait for its answers; try again when one is done.`,
        )
      })
    }
  }

  function open(group: SessionGroup, { connection, info, capabilities }: LeaseRequest): SessionSlot | null {
    if (group.slots.length >= MAX_SLOTS) return null
    const slot: SessionSlot = {
      session: upstreams.openSession(connection, facing(connection, info, capabilities)),
      calls: 0,
      idle: null,
    }
    group.slots.push(slot)
    return slot
  }

  function occupy(key: string, group: SessionGroup, slot: SessionSlot): { session: McpSession; release: () => void } {
    if (slot.idle !== null) clearTimeout(slot.idle)
    slot.calls += 1
    const release = (): void => {
      slot.calls -= 1
      const next = group.waiting.shift()
      if (next !== undefined) return next()
      // Another call may still run on a shared one, and would be cut off with it.
      if (slot.calls > 0) return
      if (slot.idle !== null) clearTimeout(slot.idle)
      slot.idle = setTimeout(() => leave(key, group, slot), idleMs)
      slot.idle.unref()
    }
    return { session: slot.session, release }
  }

  function leave(key: string, group: SessionGroup, slot: SessionSlot): void {
    if (slot.idle !== null) clearTimeout(slot.idle)
    group.slots = group.slots.filter((each) => each !== slot)
    if (group.slots.length === 0 && group.waiting.length === 0) groups.delete(key)
    slot.session.close().catch(onError)
  }

  function watcherOf(connection: string) {
    const known = watchers.get(connection)
    if (known !== undefined) return known
    const watched = new Map<string, Set<string>>()
    const session = upstreams.openSession(connection, {
      ...facing(connection, { name: 'hallpass', version: '1' }, {}),
      listens: true,
      notify(method, params) {
        if (method.endsWith('/list_changed')) return onListChanged(connection)
        if (method !== 'notifications/resources/updated') return
        for (const shown of watched.get(String(params?.['uri'])) ?? []) onUpdated(shown, params ?? {})
      },
    })
    const made = { session, watched, listening: 0 }
    watchers.set(connection, made)
    return made
  }

  async function closeUnused(connection: string): Promise<void> {
    const watcher = watchers.get(connection)
    if (watcher === undefined || watcher.watched.size > 0 || watcher.listening > 0) return
    watchers.delete(connection)
    await watcher.session.close()
  }

  return {
    async request(request) {
      const whole: LeaseRequest = { info: {}, capabilities: {}, ...request }
      const { session, release } = await take(whole)
      const { method, params, signal, turn, onProgress, info: clientInfo, capabilities } = whole
      try {
        return await session.request(method, params, {
          signal,
          handle: turn,
          inputRequired: 'return',
          clientInfo,
          capabilities: upstreamCapabilities(capabilities),
          ...(onProgress === undefined ? {} : { onProgress }),
        })
      } finally {
        release()
      }
    },
    async subscribe(connection, uri, shown, signal) {
      const { session, watched } = watcherOf(connection)
      const under = watched.get(uri) ?? new Set()
      if (under.size === 0) await session.request('resources/subscribe', { uri }, { signal })
      watched.set(uri, under.add(shown))
    },
    async listen(connections) {
      const telling = connections.filter((connection) => {
        const { capabilities } = upstreams.catalog(connection)
        return ['tools', 'prompts', 'resources'].some((list) => tellsChanges(capabilities[list]))
      })
      await Promise.all(
        telling.map(async (connection) => {
          const watcher = watcherOf(connection)
          watcher.listening += 1
          await watcher.session.opened().catch(onError)
        }),
      )
    },
    async unsubscribe(connection, uri, shown) {
      const watcher = watchers.get(connection)
      const under = watcher?.watched.get(uri)
      if (watcher === undefined || under === undefined) return
      under.delete(shown)
      if (under.size > 0) return
      watcher.watched.delete(uri)
      if (watcher.watched.size > 0 || watcher.listening > 0)
        return void (await watcher.session.request('resources/unsubscribe', { uri }))
      await closeUnused(connection)
    },
    unlisten(connections) {
      for (const connection of connections) {
        const watcher = watchers.get(connection)
        if (watcher === undefined || watcher.listening === 0) continue
        watcher.listening -= 1
        closeUnused(connection).catch(onError)
      }
    },
    keepOnly(reaches) {
      for (const [key, group] of groups) {
        const [connection] = JSON.parse(key) as [string]
        if (!reaches(connection)) for (const slot of group.slots) leave(key, group, slot)
      }
      for (const [connection, { session }] of watchers) {
        if (reaches(connection)) continue
        watchers.delete(connection)
        session.close().catch(onError)
      }
    },
    async close() {
      closed = true
      const sessions = [...groups.values()].flatMap((group) => group.slots.map((slot) => slot.session))
      for (const { slots, waiting } of groups.values()) {
        for (const { idle } of slots) if (idle !== null) clearTimeout(idle)
        for (const next of waiting) next()
      }
      groups.clear()
      await Promise.all(
        [...sessions, ...[...watchers.values()].map(({ session }) => session)].map((session) => session.close()),
      )
      watchers.clear()
    },
  }
}

function tellsChanges(capability: unknown): boolean {
  return typeof capability === 'object' && capability !== null && (capability as JsonObject)['listChanged'] === true
}

function canRequest({ elicitation, sampling, roots }: JsonObject): boolean {
  return elicitation !== undefined || sampling !== undefined || roots !== undefined
}

/** Waits for a slot; a wait that was given up leaves the queue. */
function turnOf(group: SessionGroup, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      signal.removeEventListener('abort', gone)
      resolve()
    }
    const gone = (): void => {
      group.waiting = group.waiting.filter((each) => each !== next)
      reject(signal.reason as Error)
    }
    group.waiting.push(next)
    signal.addEventListener('abort', gone, { once: true })
  })
}
