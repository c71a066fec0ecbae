import type { ClientFacing } from '../mcp-upstreams.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'
import { enveloped } from './handshake.ts'
import { createListenStream, type ListenStream } from './listen-stream.ts'
import type { UpstreamLink } from './upstream-link.ts'

const TAKE_UP_MS = 30_000

/** A client's requests that must be repeated in a new upstream session. */
export interface ClientWishes {
  remember(method: string, params: JsonObject | undefined): void
  readonly logLevel: string | null
  /** Repeats everything remembered on a new link. Never rejects, because the client should keep what still works. */
  takeUp(link: UpstreamLink): Promise<void>
  /** Returns the result of a request that modern upstreams have no method for, otherwise null. */
  answerHere(method: string, link: UpstreamLink): JsonObject | null
  /** Drops the stream of a link that broke. */
  lost(): void
  end(): void
}

export function createClientWishes(client: ClientFacing): ClientWishes {
  const subscribed = new Set<string>()
  let level: string | null = null
  let listening: ListenStream | null = null

  function filterOf({ facts }: UpstreamLink): JsonObject {
    const has = (list: string): boolean => objectOf(facts.capabilities[list])?.['listChanged'] === true
    return {
      ...(has('tools') ? { toolsListChanged: true } : {}),
      ...(has('prompts') ? { promptsListChanged: true } : {}),
      ...(has('resources') ? { resourcesListChanged: true } : {}),
      ...(subscribed.size === 0 ? {} : { resourceSubscriptions: [...subscribed] }),
    }
  }

  return {
    remember(method, params) {
      const uri = params?.['uri']
      if (method === 'resources/subscribe' && typeof uri === 'string') subscribed.add(uri)
      if (method === 'resources/unsubscribe' && typeof uri === 'string') subscribed.delete(uri)
      if (method === 'logging/setLevel' && typeof params?.['level'] === 'string') level = params['level']
    },
    get logLevel() {
      return level
    },
    async takeUp(link) {
      if (link.facts.era === 'modern') {
        listening = createListenStream(
          link.peer,
          (params) => enveloped(params, { ...client, logLevel: level }),
          link.pipe.perRequestStream,
        )
        if (client.listens ?? client.prefers !== 'modern') listening.listen(filterOf(link))
        return
      }
      const wishes: [string, JsonObject][] = [...subscribed].map((uri) => ['resources/subscribe', { uri }])
      if (level !== null) wishes.push(['logging/setLevel', { level }])
      for (const [method, params] of wishes)
        await link.peer.request(method, params, { timeoutMs: TAKE_UP_MS, cancelBy: 'notify' }).catch(() => undefined)
    },
    answerHere(method, link) {
      if (link.facts.era !== 'modern') return null
      if (method === 'ping' || method === 'logging/setLevel') return {}
      if (method !== 'resources/subscribe' && method !== 'resources/unsubscribe') return null
      listening?.listen(filterOf(link))
      return {}
    },
    lost() {
      listening = null
    },
    end: () => listening?.end(),
  }
}

export function logLevelOf(params: JsonObject | undefined): string | null {
  const level = objectOf(params?.['_meta'])?.['io.modelcontextprotocol/logLevel']
  return typeof level === 'string' ? level : null
}
