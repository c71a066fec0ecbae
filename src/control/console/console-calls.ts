import type { ServerResponse } from 'node:http'
import { RPCHandler } from '@orpc/server/node'
import { CONSOLE_RPC_PATH } from '../../contract/console-api.ts'
import { HallpassError } from '../../contract/errors.ts'
import type { ConsoleExchange } from '../../engine/console-face.ts'
import type { OwnerRouter } from '../../engine/owner/create-owner-router.ts'
import type { ConsoleSession } from './console-sessions.ts'
import { windowHalf } from './window-half.ts'

const BODY_LIMIT = 1024 * 1024
const KEEP_ALIVE_MS = 15_000
/** How long a stream has to end by itself once its session ended. */
const CUT_MS = 1_000

export type ServeCall = (exchange: ConsoleExchange, session: ConsoleSession) => Promise<void>

/** Serves the renderer's half of the owner API to a signed-in page. What is streamed ends with the session. */
export function createConsoleCalls(router: () => OwnerRouter): ServeCall {
  let handler: RPCHandler<{ ended: AbortSignal }> | undefined
  function open(): RPCHandler<{ ended: AbortSignal }> {
    handler ??= new RPCHandler<{ ended: AbortSignal }>(windowHalf(router()) as OwnerRouter, {
      eventIteratorKeepAliveInterval: KEEP_ALIVE_MS,
      clientInterceptors: [({ next, ...options }) => {
        const { ended } = options.context
        return next({ ...options, signal: options.signal === undefined ? ended : AbortSignal.any([options.signal, ended]) })
      }],
    })
    return handler
  }

  return async (exchange, session) => {
    const { request, response, headers } = exchange
    // Parsed under our own limits of size, depth and media type; the handler takes it as it is.
    const body = await exchange.readJson(BODY_LIMIT)
    if (session.ended.aborted) throw signedOut()
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    const release = cutAfter(session.ended, response)
    try {
      const parsed = Object.assign(request, { body })
      const { matched } = await open().handle(parsed, response, { prefix: CONSOLE_RPC_PATH, context: { ended: session.ended } })
      if (!matched) throw new HallpassError('NOT_FOUND', 'The console has no such call.')
    } finally {
      release()
    }
  }
}

export function signedOut(): HallpassError {
  return new HallpassError('INVALID_TOKEN', 'This browser is not signed in to the console. Get a sign-in link with: hallpass console')
}

function cutAfter(ended: AbortSignal, response: ServerResponse): () => void {
  let timer: NodeJS.Timeout | undefined
  const cut = () => {
    timer = setTimeout(() => response.destroy(), CUT_MS)
  }
  ended.addEventListener('abort', cut, { once: true })
  return () => {
    clearTimeout(timer)
    ended.removeEventListener('abort', cut)
  }
}
