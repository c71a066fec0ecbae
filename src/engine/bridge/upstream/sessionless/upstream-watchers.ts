import type { ClientFacing, McpSession, McpUpstreams } from '../../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../../text/json.ts'

/** Upstream sessions that listen to lists and resources for a client without a session. */
export interface UpstreamWatchers {
  /** Sends updates of a resource to the client from now on, under the URI it used (`shown`). */
  subscribe(connection: string, uri: string, shown: string, signal: AbortSignal): Promise<void>
  unsubscribe(connection: string, uri: string, shown: string): Promise<void>
  /**
   * Keeps an upstream session open for list changes of these connections. Resolves once they listen and never rejects.
   */
  listen(connections: readonly string[]): Promise<void>
  /** Undoes one `listen` of these connections. Closes sessions that nothing else needs. */
  unlisten(connections: readonly string[]): void
  /** Ends the sessions of connections that the client can no longer reach. */
  keepOnly(reaches: (connection: string) => boolean): void
  close(): Promise<void>
}

interface Watcher {
  session: McpSession
  /** Upstream URI → URIs that the client used. */
  watched: Map<string, Set<string>>
  listening: number
}

export function createUpstreamWatchers(parts: {
  upstreams: Pick<McpUpstreams, 'catalog' | 'openSession'>
  facing(connection: string): ClientFacing
  onListChanged(connection: string): void
  onUpdated(uri: string, params: JsonObject): void
  onError(error: unknown): void
}): UpstreamWatchers {
  const { upstreams, onListChanged, onUpdated, onError } = parts
  const watchers = new Map<string, Watcher>()

  function watcherOf(connection: string): Watcher {
    const known = watchers.get(connection)
    if (known !== undefined) return known
    const watched = new Map<string, Set<string>>()
    const session = upstreams.openSession(connection, {
      ...parts.facing(connection),
      listens: true,
      notify(method, params) {
        if (method.endsWith('/list_changed')) return onListChanged(connection)
        if (method !== 'notifications/resources/updated') return
        const changed = params?.['uri']
        if (typeof changed !== 'string') return
        for (const shown of watched.get(changed) ?? []) onUpdated(shown, params ?? {})
      },
    })
    const watcher = { session, watched, listening: 0 }
    watchers.set(connection, watcher)
    return watcher
  }

  async function closeUnused(connection: string): Promise<void> {
    const watcher = watchers.get(connection)
    if (watcher === undefined || watcher.watched.size > 0 || watcher.listening > 0) return
    watchers.delete(connection)
    await watcher.session.close()
  }

  return {
    async subscribe(connection, uri, shown, signal) {
      const { session, watched } = watcherOf(connection)
      const under = watched.get(uri) ?? new Set()
      if (under.size === 0) await session.request('resources/subscribe', { uri }, { signal })
      watched.set(uri, under.add(shown))
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
    unlisten(connections) {
      for (const connection of connections) {
        const watcher = watchers.get(connection)
        if (watcher === undefined || watcher.listening === 0) continue
        watcher.listening -= 1
        closeUnused(connection).catch(onError)
      }
    },
    keepOnly(reaches) {
      for (const [connection, { session }] of watchers) {
        if (reaches(connection)) continue
        watchers.delete(connection)
        session.close().catch(onError)
      }
    },
    async close() {
      const all = [...watchers.values()]
      watchers.clear()
      await Promise.all(all.map(({ session }) => session.close()))
    },
  }
}

function tellsChanges(capability: unknown): boolean {
  return typeof capability === 'object' && capability !== null && (capability as JsonObject)['listChanged'] === true
}
