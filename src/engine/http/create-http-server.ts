import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
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
import { callerOrigin, readTrustedProxies, type TrustedProxies } from './caller-address.ts'
import { createConnectionPlaces, type ConnectionPlaces } from './connection-places.ts'
import { answerClientError } from './answers/client-error.ts'
import { withConsole } from './routes/console-route.ts'
import { createOriginJudge } from './routes/cors.ts'
import { ownUrl, urlOfHost, type OwnAddress } from './front-door.ts'
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './http-limits.ts'
import { acceptOnlyProxies, createListener, listening, renewCertificate, type NetworkOptions } from './listener.ts'
import type { TlsPair } from './tls-files.ts'
import { createMatcher } from './routes/route-table.ts'
import { createRoutes } from './routes/routes.ts'

const SPARE_CONNECTIONS = 64

interface HttpServerOptions {
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

type Address = Pick<OwnAddress, 'host' | 'port'>

/** What changes when the server listens elsewhere. */
interface Listener {
  server: Server
  places: ConnectionPlaces
  proxies: TrustedProxies
  network: NetworkOptions
}

export interface HttpServer {
  /** Port 0 picks a free one. Throws a HallpassError that says why it can't listen and what to do. */
  listen(address: Address, network?: NetworkOptions): Promise<{ url: string; port: number }>
  /**
   * Listens at another address instead, where the callers' sessions continue. Requests that run get `graceMs` to send their
   * response. If it can't listen there, it throws and nothing changes.
   */
  rebind(
    address: Address,
    options: { graceMs: number; network: NetworkOptions },
  ): Promise<{ url: string; port: number }>
  /** New connections get this certificate. Does nothing for a server without TLS. */
  renewCertificate(pair: TlsPair): void
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
    baseUrlOf: ({ request, caller }) => urlOfHost(request.headers.host, caller.scheme, own),
  })
  const strangers = createStrangerLog(log, clock)
  const answer = createAnswer({
    strangers,
    assign: (socket, holder) => current.places.assign(socket, holder),
    originOf: (request) => callerOrigin(request, current.proxies),
    access,
    opener: options.opener,
    rateLimiter,
    log,
    clock,
    limits,
    onInternalError,
    origins: createOriginJudge(options.allowedOrigins),
    match: withConsole(createMatcher(routes), options.console, (socket) => current.places.assign(socket, 'console')),
    own: () => own,
    closing: () => closing,
  })
  function createServer(network: NetworkOptions): Listener {
    const proxies = readTrustedProxies(network.trustedProxies ?? [])
    const server = createListener(
      {
        ...network.tls,
        maxHeaderSize: limits.headerBytes,
        headersTimeout: limits.headersMs,
        handshakeTimeout: limits.headersMs,
        // Streams can take any time. Bodies that are read whole have a separate timeout.
        requestTimeout: 0,
        keepAliveTimeout: limits.keepAliveMs,
        connectionsCheckingInterval: Math.max(50, Math.min(1_000, limits.headersMs)),
        insecureHTTPParser: false,
        // Hallpass's own check rejects it, with a request ID and a sentence.
        requireHostHeader: false,
        noDelay: true,
      },
      answer,
    )
    // A limit on the count would hide headers from the checks for duplicates. The size limit applies already.
    server.maxHeadersCount = 0
    // Places are freed a moment after a connection is accepted, so Node's own limit, which rejects it, comes later.
    server.maxConnections = limits.connections + SPARE_CONNECTIONS
    if (network.tls === undefined && !proxies.none) acceptOnlyProxies(server, proxies)
    const places = createConnectionPlaces(server, limits.connections, (address) => proxies.includes(address))
    // `100 Continue` is sent where the body is read, so that a rejection can come first.
    server.on('checkContinue', answer).on('checkExpectation', answer)
    server.on('clientError', (error, socket) => answerClientError(error, socket, limits.lingerMs))
    return { server, places, proxies, network }
  }
  let current = createServer({})

  async function listenAt(next: Listener, address: Address): Promise<{ url: string; port: number }> {
    const { server: bound, network } = next
    await listening(bound, address)
    current = next
    own = {
      host: address.host,
      port: (bound.address() as AddressInfo).port,
      scheme: network.tls === undefined ? 'http' : 'https',
      publicUrl: network.publicUrl ?? null,
    }
    // Later errors, such as too many open files, must not end the process.
    bound.on('error', (error) => onInternalError('server', error))
    return { url: ownUrl(own), port: own.port }
  }

  return {
    listen: (address, network = {}) => listenAt(createServer(network), address),
    renewCertificate(pair) {
      if (current.network.tls === undefined) return
      renewCertificate(current.server, pair)
      // A rebind that fails listens with it again.
      current.network = { ...current.network, tls: pair }
    },
    async rebind(address, { graceMs, network }) {
      const [former, before] = [current, own]
      const leave = (): void =>
        void closeServer(former.server, graceMs).catch((thrown: unknown) => onInternalError('server', thrown))
      const move = async (to: Address, through: NetworkOptions): Promise<{ url: string; port: number }> => {
        const listens = await listenAt(createServer(through), to)
        // The engine stopped meanwhile.
        if (closing) await closeServer(current.server, 0)
        return listens
      }
      try {
        const listens = await move(address, network)
        leave()
        return listens
      } catch (thrown) {
        const { code } = ((thrown as Error).cause ?? {}) as NodeJS.ErrnoException
        if (address.port !== before.port || code !== 'EADDRINUSE') throw thrown
      }
      // Two addresses can't share a port if one of them means every address.
      leave()
      try {
        return await move(address, network)
      } catch (thrown) {
        await move(before, former.network)
        throw thrown
      }
    },
    close({ graceMs }) {
      closing = true
      strangers.close()
      return closeServer(current.server, graceMs)
    },
  }
}

/** Accepts no new connections, and ends the remaining ones after `graceMs`. */
function closeServer(server: Server, graceMs: number): Promise<void> {
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
}
