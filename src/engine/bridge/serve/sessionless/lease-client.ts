import { setTimeout as sleep } from 'node:timers/promises'
import type { Server, ServerContext } from '@modelcontextprotocol/server'
import { HallpassError } from '../../../../contract/errors.ts'
import type { Principal } from '../../../access/principal.ts'
import { McpUpstreamError } from '../../../mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../../text/json.ts'
import type { Caller } from '../../caller.ts'
import { createClientServer, type ClientServerParts } from '../client-server.ts'
import { createHeldCalls } from '../../upstream/sessionless/held-calls.ts'
import { createLeaseLink } from '../../upstream/sessionless/lease-link.ts'
import { requireTarget } from '../../upstream/targets.ts'

/** A client of the protocol without sessions (2026-07-28). Its upstream sessions outlive single requests. */
export interface LeaseClient {
  /** Returns a server for one HTTP request or for a whole stream. */
  serve(callerOf: (context: ServerContext) => Caller): Promise<Server>
  /**
   * Starts a `subscriptions/listen` request. Once upstreams listen or are too slow to wait for, `started` resolves.
   * Returns its params without unreachable resources, and a function that stops it.
   */
  listen(principal: Principal, params: JsonObject): { params: JsonObject; started: Promise<unknown>; stop: () => void }
  close(): Promise<void>
}

const MAX_WATCHED = 100
const SUBSCRIBE_MS = 30_000
/** An upstream that is down must not keep the client from listening to the others. */
const STARTED_MS = 1_000

/** `tell` sends notifications to the client's open subscriptions. */
export function createLeaseClient(
  parts: ClientServerParts,
  identified: Principal,
  tell: (method: string, params: JsonObject) => void,
): LeaseClient {
  const { access, surfaces, targets, listWatch, onError } = parts
  const quiet = (error: unknown): void => {
    // The health of an upstream already shows that it is down.
    if (!(error instanceof HallpassError || error instanceof McpUpstreamError)) onError(error)
  }
  const link = createLeaseLink({
    ...parts,
    owner: identified.rateKey,
    onError: quiet,
    onListChanged: listWatch.announced,
    onUpdated: (uri, params) => tell('notifications/resources/updated', { ...params, uri }),
  })
  const held = createHeldCalls()
  const unwatch = listWatch.add({
    principal: () => access.refresh(identified),
    changed: (list) => tell(`notifications/${list}/list_changed`, {}),
    reaches: (isReached) => link.keepOnly(isReached),
  })

  /** Returns the upstream's resource, or null if the client can't reach it. */
  function resourceOf(principal: Principal, uri: unknown): { connection: string; uri: string; shown: string } | null {
    try {
      const target = targets.resource(principal, surfaces.modeOf(principal), 'resources/subscribe', { uri })
      requireTarget(principal, target)
      return { connection: target.connection, uri: String(target.params['uri']), shown: String(uri) }
    } catch (error) {
      quiet(error)
      return null
    }
  }

  return {
    serve: (callerOf) => createClientServer(parts, identified, callerOf, () => ({ era: 'modern', link, held })),
    listen(principal, params) {
      const wanted = params['notifications']
      if (typeof wanted !== 'object' || wanted === null) return { params, started: Promise.resolve(), stop: () => {} }
      const { resourceSubscriptions, ...lists } = wanted as JsonObject
      const uris = Array.isArray(resourceSubscriptions) ? resourceSubscriptions.slice(0, MAX_WATCHED) : []
      const reached = uris.flatMap((uri: unknown) => resourceOf(principal, uri) ?? [])
      const starting = reached.map(({ connection, uri, shown }) =>
        link.subscribe(connection, uri, shown, AbortSignal.timeout(SUBSCRIBE_MS)).catch(quiet),
      )
      const listened = Object.values(lists).includes(true) ? surfaces.of(principal).upstreams : []
      starting.push(link.listen(listened))
      const notifications = {
        ...lists,
        ...(resourceSubscriptions === undefined ? {} : { resourceSubscriptions: reached.map(({ shown }) => shown) }),
      }
      return {
        params: { ...params, notifications },
        started: Promise.race([Promise.all(starting), sleep(STARTED_MS, undefined, { ref: false })]),
        stop() {
          for (const { connection, uri, shown } of reached) link.unsubscribe(connection, uri, shown).catch(quiet)
          link.unlisten(listened)
        },
      }
    },
    async close() {
      unwatch()
      held.close()
      await link.close()
    },
  }
}
