import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HallpassError } from '../../contract/errors.ts'
import type { Access } from '../access/access.ts'
import type { RateLimiter } from '../access/rate-limiter.ts'
import type { Bridge } from '../bridge/bridge.ts'
import type { Clock } from '../clock.ts'
import type { DocumentCalls } from '../calls/document-calls.ts'
import type { HttpCalls } from '../calls/http-calls.ts'
import type { CallOpener } from '../calls/open-call.ts'
import type { RequestLog } from '../log/request-log.ts'
import type { WebConsole } from '../web-console.ts'
import { createAnswer } from './answers/answer.ts'
import { createStrangerLog } from './answers/stranger-log.ts'
import { createConnectionPlaces } from './connection-places.ts'
import { answerClientError } from './answers/client-error.ts'
import { withConsole } from './routes/console-route.ts'
import { createOriginJudge } from './routes/cors.ts'
import { ownUrl, type OwnAddress } from './front-door.ts'
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http-limits.ts'
import { createMatcher } from './routes/route-table.ts'
import { createRoutes } from './routes/routes.ts'

export interface HttpServerOptions {
  access: Access
  opener: Pick<CallOpener, 'openRow'>
  rateLimiter: RateLimiter
  log: RequestLog
  calls: DocumentCalls
  httpCalls: HttpCalls
  bridge: Bridge
  /** Mounted under /console. */
  console?: WebConsole
  clock: Clock
  version: string
  limits?: Partial<HttpLimits>
  /** Exact origins that can call `/api` and `/projects` from a browser. */
  allowedOrigins: () => readonly string[]
  ready: () => Promise<{ ok: boolean; checks: Record<string, unknown> }>
  metrics?: (() => Promise<string>) | undefined
  /** Called with the cause of every INTERNAL error, for the diagnostic log. */
  onInternalError: (requestId: string, cause: unknown) => void
}

export interface HttpServer {
  /** Port 0 picks a free one. Throws a HallpassError that says why it can't listen and what to do. */
  listen(address: OwnAddress): Promise<{ url: string; port: number }>
  /** Accepts no new requests, gives running ones `graceMs` to finish, then interrupts them. */
  close(options: { graceMs: number }): Promise<void>
}

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { access, rateLimiter, log, clock, onInternalError } = options
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits }
  let own: OwnAddress = { host: '127.0.0.1', port: 0 }
  let closing = false
  const routes = createRoutes({
    access,
    calls: options.calls,
    httpCalls: options.httpCalls,
    bridge: options.bridge,
    version: options.version,
    ready: options.ready,
    metrics: options.metrics,
    // The Host header has been validated by then, so the caller can reach that address.
    baseUrlOf: (exchange) =>
      exchange.request.headers.host === undefined ? ownUrl(own) : `http://${exchange.request.headers.host}`,
  })
  const strangers = createStrangerLog(log, clock)
  const answer = createAnswer({
    strangers,
    trust: (socket) => places.trust(socket),
    access,
    opener: options.opener,
    rateLimiter,
    log,
    clock,
    limits,
    onInternalError,
    origins: createOriginJudge(options.allowedOrigins),
    match: withConsole(createMatcher(routes), options.console),
    own: () => own,
    closing: () => closing,
  })
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      // Streams can take any time. Bodies that are read whole have a separate timeout.
      requestTimeout: 0,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.max(50, Math.min(1_000, limits.headersMs)),
      insecureHTTPParser: false,
      // Our own check rejects it, with a request ID and a sentence.
      requireHostHeader: false,
      noDelay: true,
    },
    answer,
  )
  // A limit on the count would hide headers from the checks for duplicates. The size limit applies already.
  server.maxHeadersCount = 0
  server.maxConnections = limits.connections
  const places = createConnectionPlaces(server, limits.connections)
  // `100 Continue` is sent where the body is read, so that a rejection can come first.
  server.on('checkContinue', answer).on('checkExpectation', answer)
  server.on('clientError', (error, socket) => answerClientError(error, socket, limits.lingerMs))

  return {
    async listen(address) {
      await listening(server, address)
      own = { host: address.host, port: (server.address() as AddressInfo).port }
      // Later errors, such as too many open files, must not end the process.
      server.on('error', (error) => onInternalError('server', error))
      return { url: ownUrl(own), port: own.port }
    },
    close({ graceMs }) {
      closing = true
      strangers.close()
      if (!server.listening) return Promise.resolve()
      return new Promise((resolve) => {
        const sweep = setInterval(() => server.closeIdleConnections(), 25)
        const cut = setTimeout(() => server.closeAllConnections(), graceMs)
        server.close(() => {
          clearInterval(sweep)
          clearTimeout(cut)
          resolve()
        })
        server.closeIdleConnections()
      })
    },
  }
}

function listening(server: Server, { host, port }: OwnAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenFailure(error, host, port))
    server.once('error', onError)
    server.listen({ host, port }, () => {
      server.off('error', onError)
      resolve()
    })
  })
}

function listenFailure(error: NodeJS.ErrnoException, host: string, port: number): HallpassError {
  const cause = { cause: error }
  switch (error.code) {
    case 'EADDRINUSE':
      return new HallpassError(
        'INVALID_REQUEST',
        `Port ${port} is in use. Stop the other program, or set HALLPASS_PORT to a free port.`,
        cause,
      )
    case 'EACCES':
      return new HallpassError(
        'INVALID_REQUEST',
        `You don't have permission to use port ${port}. Set HALLPASS_PORT to a port above 1023.`,
        cause,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new HallpassError(
        'INVALID_REQUEST',
        `"${host}" isn't an address of this computer. Set HALLPASS_HOST to one of its addresses, or unset it.`,
        cause,
      )
    default:
      return new HallpassError(
        'INTERNAL',
        `Couldn't listen on ${host}, port ${port} (${error.code ?? 'unknown reason'}).`,
        cause,
      )
  }
}
