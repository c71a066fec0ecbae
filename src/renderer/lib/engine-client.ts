import { createORPCClient } from '@orpc/client'
import { RPCLink as FetchLink } from '@orpc/client/fetch'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { CONSOLE_HEADER, CONSOLE_KEY_ITEM, CONSOLE_RPC_PATH } from '../../contract/owner-api/console-api.ts'
import type { DesktopApi, shellApi } from '../../contract/desktop/desktop-api.ts'
import { APP_ORIGIN, PORT_MESSAGE } from '../../contract/desktop/window-port.ts'
import type { WindowApi } from '../../contract/owner-api.ts'

export type OwnerClient = ContractRouterClient<WindowApi>
export type ShellClient = ContractRouterClient<typeof shellApi>

/** What a screen can call: the owner API, and the shell in the desktop app's window. */
export interface EngineClient {
  owner: OwnerClient
  shell: ShellClient | null
}

/** Chooses the transport by where this page was loaded from: the app's protocol, or the console over HTTP. */
export function openEngineClient(page: Window): EngineClient {
  if (page.location.origin === APP_ORIGIN) {
    const { port1, port2 } = new MessageChannel()
    page.postMessage(PORT_MESSAGE, page.location.origin, [port2])
    port1.start()
    const { owner, shell } = createORPCClient<ContractRouterClient<DesktopApi>>(new PortLink({ port: port1 }))
    return { owner, shell }
  }
  const link = new FetchLink({
    url: new URL(CONSOLE_RPC_PATH, page.location.href),
    // The engine requires this header, because forms and images of other pages can't set one. Sign-in stored the key in
    // this origin's storage, which other ports can't read, unlike cookies.
    headers: () => ({ [CONSOLE_HEADER]: page.localStorage.getItem(CONSOLE_KEY_ITEM) ?? 'none' }),
    fetch: (request, init) => fetch(request, { ...init, credentials: 'same-origin', redirect: 'error' }),
  })
  return { owner: createORPCClient<OwnerClient>(link), shell: null }
}
