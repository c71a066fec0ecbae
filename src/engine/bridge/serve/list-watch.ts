import { createHash } from 'node:crypto'
import { HallpassError } from '../../../contract/errors.ts'
import { grantsOn } from '../../access/grant-index.ts'
import type { Principal } from '../../access/principal.ts'
import type { McpUpstreams } from '../../mcp-upstreams/mcp-upstreams.ts'
import type { Surface, Surfaces } from '../tools/surface.ts'

export type ListName = 'tools' | 'prompts' | 'resources'

interface WatchedClient {
  /** Returns the principal with its current grants. Throws if its token ended. */
  principal(): Principal
  /** Notifies the client that a list changed. */
  changed(list: ListName): void
  /** Called when the set of reachable connections may have changed. */
  reaches(isReached: (connection: string) => boolean): void
}

export interface ListWatch {
  add(client: WatchedClient): () => void
  /** Call it when a connection's catalog, a token's grants or a project's mode may have changed. */
  changed(): void
  /** An upstream announced changed lists. Passed on even if the catalog shows no difference. */
  announced(connection: string): void
  close(): void
}

/** Changes within this time are combined into one notification. */
const TOGETHER_MS = 100
/** Minimum time between notifications to a client, however often an upstream changes. */
const REST_MS = 400
const REFRESH_MS = 15_000

interface Watched {
  client: WatchedClient
  shape: string
  prints: Record<ListName, string>
  reportedAt: number
}

/** Notifies clients of changed lists, combining changes that are close together and limiting their rate. */
export function createListWatch({
  surfaces,
  upstreams,
  monotonic,
  onError,
}: {
  surfaces: Surfaces
  upstreams: Pick<McpUpstreams, 'refreshed'> | null
  monotonic: () => number
  onError: (error: unknown) => void
}): ListWatch {
  const clients = new Set<Watched>()
  const prints = new WeakMap<object, string>()
  const announcedBy = new Set<string>()
  const refreshing = new Set<string>()
  let timer: NodeJS.Timeout | null = null
  let closed = false

  function printOf(list: readonly unknown[]): string {
    let print = prints.get(list)
    if (print === undefined) {
      print = createHash('sha256').update(JSON.stringify(list)).digest('base64')
      prints.set(list, print)
    }
    return print
  }

  function printsOf(surface: Surface): Watched['prints'] {
    return {
      tools: surface.shape,
      prompts: printOf(surface.prompts),
      resources: printOf(surface.resources) + printOf(surface.resourceTemplates),
    }
  }

  function look(watched: Watched, announced: ReadonlySet<string>): void {
    let principal: Principal
    let surface: Surface
    try {
      principal = watched.client.principal()
      surface = surfaces.of(principal)
    } catch (thrown) {
      // Its token ended, access is paused or Hallpass stops. The client isn't notified and is checked again later.
      if (!(thrown instanceof HallpassError)) onError(thrown)
      return
    }
    const reported = principal.grants.some(({ connection }) => announced.has(connection))
    if (surface.shape === watched.shape && !reported) return
    const now = printsOf(surface)
    const changed = (['tools', 'prompts', 'resources'] as const).filter(
      (list) => reported || now[list] !== watched.prints[list],
    )
    watched.shape = surface.shape
    watched.prints = now
    watched.reportedAt = monotonic()
    watched.client.reaches((connection) => grantsOn(principal.grants, connection).length > 0)
    for (const list of changed) watched.client.changed(list)
  }

  function run(): void {
    timer = null
    const now = monotonic()
    const announced = new Set(announcedBy)
    let rested = true
    for (const watched of clients) {
      if (now - watched.reportedAt < REST_MS) rested = false
      else look(watched, announced)
    }
    if (rested) announcedBy.clear()
    else later(REST_MS)
  }

  function later(ms: number): void {
    if (timer !== null || closed) return
    timer = setTimeout(run, ms)
    timer.unref()
  }

  return {
    add(client) {
      const surface = surfaces.of(client.principal())
      const watched = { client, shape: surface.shape, prints: printsOf(surface), reportedAt: -Infinity }
      clients.add(watched)
      return () => void clients.delete(watched)
    },
    changed: () => later(TOGETHER_MS),
    announced(connection) {
      if (upstreams === null || refreshing.has(connection) || closed) return
      refreshing.add(connection)
      // Refreshed first, because clients that list again must not get the old list.
      upstreams
        .refreshed(connection, AbortSignal.timeout(REFRESH_MS))
        .then(() => {
          announcedBy.add(connection)
          later(TOGETHER_MS)
        }, onError)
        .finally(() => refreshing.delete(connection))
    },
    close() {
      closed = true
      if (timer !== null) clearTimeout(timer)
      clients.clear()
    },
  }
}
