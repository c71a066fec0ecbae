import type { ServerResponse } from 'node:http'
import { RPCHandler } from '@orpc/server/node'
import { CONSOLE_RPC_PATH } from '../../contract/owner-api/console-api.ts'
import { errorBody, HallpassError, ownerErrorData } from '../../contract/errors.ts'
import type { ConsoleExchange } from '../../engine/web-console.ts'
import type { OwnerRouter } from '../../engine/owner/create-owner-router.ts'
import type { ConsoleSession } from './console-sessions.ts'
import { windowHalf, windowStreams } from './window-half.ts'

const BODY_LIMIT = 1024 * 1024
const KEEP_ALIVE_MS = 15_000
/** How long a stream has to end after its session ended. */
const CUT_MS = 1_000
/** Browsers open six connections per server across all tabs. Leaving one free for calls keeps the tabs from hanging. */
const MAX_STREAMS = 5

type ServeCall = (exchange: ConsoleExchange, session: ConsoleSession) => Promise<void>

/** Serves the window's half of the owner API to a signed-in page. Streams end with the session. */
export function createConsoleCalls(router: () => OwnerRouter): ServeCall {
  const streaming = new Set(windowStreams().map((path) => CONSOLE_RPC_PATH + path))
  const open = new WeakMap<ConsoleSession['ended'], number>()
  let handler: RPCHandler<{ ended: AbortSignal }> | undefined

  function opened(): RPCHandler<{ ended: AbortSignal }> {
    handler ??= new RPCHandler<{ ended: AbortSignal }>(windowHalf(router()) as OwnerRouter, {
      eventIteratorKeepAliveInterval: KEEP_ALIVE_MS,
      clientInterceptors: [
        ({ next, ...options }) => {
          const { ended } = options.context
          return next({
            ...options,
            signal: options.signal === undefined ? ended : AbortSignal.any([options.signal, ended]),
          })
        },
      ],
    })
    return handler
  }

  /** Reserves one of the session's streams and returns the function that releases it. */
  function reserveStream(path: string, { ended }: ConsoleSession): () => void {
    if (!streaming.has(path)) return () => undefined
    const before = open.get(ended) ?? 0
    if (before >= MAX_STREAMS) {
      throw new HallpassError('RATE_LIMITED', 'The web console is open in too many tabs. Close one.')
    }
    open.set(ended, before + 1)
    return () => open.set(ended, (open.get(ended) ?? 1) - 1)
  }

  return async (exchange, session) => {
    const { request, response, headers } = exchange
    // Parsed under our own limits for size, depth and media type, so the handler gets the parsed body.
    const body = await exchange.readJson(BODY_LIMIT)
    if (session.ended.aborted) throw signedOut()
    const releaseStream = reserveStream(exchange.path, session)
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    const release = cutAfter(session.ended, response)
    try {
      const parsed = Object.assign(request, { body })
      const { matched } = await opened().handle(parsed, response, {
        prefix: CONSOLE_RPC_PATH,
        context: { ended: session.ended },
      })
      if (!matched) throw new HallpassError('NOT_FOUND', 'Unknown call.')
    } finally {
      release()
      releaseStream()
    }
  }
}

export function signedOut(): HallpassError {
  return new HallpassError('INVALID_TOKEN', "You aren't signed in. Get a sign-in link with hallpass console")
}

/**
 * Sends an error in the format that all routes use and the owner API's client can read, so that the page shows its
 * sentence.
 */
export function sendError({ requestId, headers, send }: ConsoleExchange, error: HallpassError): void {
  const { status, code, message } = error
  const challenge = status === 401 ? { 'WWW-Authenticate': 'Bearer realm="hallpass"' } : {}
  const body = {
    ...errorBody(error, requestId),
    json: { defined: false, code, status, message, data: ownerErrorData(error) },
  }
  send(status, { ...headers, ...challenge, 'Content-Type': 'application/json; charset=utf-8' }, JSON.stringify(body))
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
