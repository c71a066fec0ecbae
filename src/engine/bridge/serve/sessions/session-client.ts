import type { Server, ServerContext } from '@modelcontextprotocol/server'
import type { Principal } from '../../../access/principal.ts'
import type { JsonObject } from '../../../text/json.ts'
import type { Caller } from '../../caller.ts'
import { createClientServer, type ClientServerParts } from '../client-server.ts'
import { ANSWER_MS } from '../../upstream/client-turn.ts'
import type { ClientLink } from '../../upstream/serve-upstream.ts'
import { createSessionLink, type SessionLink } from '../../upstream/session-link.ts'

/** Creates a server for a client with a session (up to 2025-11-25). Its upstream sessions end with it. */
export async function createSessionClient(
  parts: ClientServerParts,
  identified: Principal,
  callerOf: (context: ServerContext) => Caller,
): Promise<{ server: Server; clientLink: ClientLink }> {
  const { access, listWatch, onError } = parts
  let link: SessionLink | undefined
  let clientLink: ClientLink | undefined
  const server = await createClientServer(parts, identified, callerOf, (created) => {
    link = createSessionLink(
      { ...parts, onListChanged: listWatch.announced },
      {
        owner: identified.rateKey,
        info: () => (created.getClientVersion() ?? { name: 'unknown', version: '0' }) as unknown as JsonObject,
        capabilities: () => (created.getClientCapabilities() ?? {}) as JsonObject,
        voice: {
          ask: (method, params, signal) =>
            created.request(
              { method: method as 'roots/list', ...(params === undefined ? {} : { params }) },
              { signal, timeout: ANSWER_MS },
            ) as Promise<JsonObject>,
          // A client that doesn't listen or has disconnected needs no notification.
          tell: (method, params) =>
            void created
              .notification({ method, ...(params === undefined ? {} : { params }) } as never)
              .catch(() => undefined),
        },
      },
    )
    clientLink = { era: 'legacy', link }
    return clientLink
  })
  const unwatch = listWatch.add({
    principal: () => access.refresh(identified),
    changed(list) {
      // With pass-through, clients get only the notifications that the upstream declared.
      if (server.getCapabilities()[list]?.listChanged === true)
        server.notification({ method: `notifications/${list}/list_changed` }).catch(() => undefined)
    },
    reaches: (isReached) => link?.keepOnly(isReached),
  })
  Object.assign(server, {
    onclose() {
      unwatch()
      link?.close().catch(onError)
    },
  })
  if (clientLink === undefined) throw new Error('The server was created without its client.')
  return { server, clientLink }
}
