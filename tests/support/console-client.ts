import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { CONSOLE_HEADER, CONSOLE_RPC_PATH, CONSOLE_SESSION_PATH } from '../../src/contract/owner-api/console-api.ts'
import type { WindowApi } from '../../src/contract/owner-api.ts'

/** What a signed-in browser has. */
export interface ConsoleSignIn {
  origin: string
  cookie: string
  key: string
}

export interface ConsoleClient extends ConsoleSignIn {
  api: ContractRouterClient<WindowApi>
  /** Every response body, as text; of a stream, the part that was read. */
  heard: string[]
}

/** POSTs JSON like the sign-in page. Headers that are null are left out. */
export function postAsPage(url: string, body: unknown, headers: Record<string, string | null> = {}): Promise<Response> {
  const sent = {
    'content-type': 'application/json',
    origin: new URL(url).origin,
    [CONSOLE_HEADER]: 'sign-in',
    ...headers,
  }
  const kept = Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== null)
  return fetch(url, {
    method: 'POST',
    headers: Object.fromEntries(kept),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

export function codeOf(link: string): string {
  return new URL(link).hash.slice(1)
}

/** Redeems a link like a browser that opens it. */
export async function signIn(link: string): Promise<ConsoleSignIn> {
  const { origin } = new URL(link)
  const answer = await postAsPage(origin + CONSOLE_SESSION_PATH, { code: codeOf(link) })
  if (!answer.ok) throw new Error(`The sign-in was refused: ${await answer.text()}`)
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
  return { origin, cookie, key: ((await answer.json()) as { key: string }).key }
}

/** Signs in with a link and returns a client of the renderer's half of the owner API. */
export async function connectConsole(link: string): Promise<ConsoleClient> {
  const held = await signIn(link)
  const heard: string[] = []
  const rpc = new RPCLink({
    url: held.origin + CONSOLE_RPC_PATH,
    headers: { origin: held.origin, cookie: held.cookie, [CONSOLE_HEADER]: held.key },
    async fetch(request, init) {
      const answer = await fetch(request, init as RequestInit)
      const decoder = new TextDecoder()
      const spy = new TransformStream<Uint8Array, Uint8Array>({
        transform(piece, controller) {
          heard.push(decoder.decode(piece, { stream: true }))
          controller.enqueue(piece)
        },
      })
      return new Response(answer.body?.pipeThrough(spy) ?? null, answer)
    },
  })
  return { ...held, heard, api: createORPCClient<ContractRouterClient<WindowApi>>(rpc) }
}
