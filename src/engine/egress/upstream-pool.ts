import { isIP } from 'node:net'
import type { buildConnector, Dispatcher, Pool } from 'undici'
import { HallpassError } from '../../contract/errors.ts'
import type { BaseAddress } from './base-address.ts'
import { dialProblem, guardedConnector, type DialRules, type Resolve } from './dial-guard.ts'
import { configuredProxy, systemProxy, type ProxyChoice, type ProxyEnvironment } from './system-proxy.ts'

export interface DialOptions {
  resolve?: Resolve
  /** A certificate authority in addition to the system's. */
  ca?: string
  proxy?: ProxyChoice
  /** Environment with the system's proxy settings. Defaults to `process.env`. */
  env?: ProxyEnvironment
}

/** Returns what to add to the failure of a direct connection, if a proxy could have helped; otherwise an empty text. */
export function unusedProxyHint(base: BaseAddress, { proxy, env = process.env }: DialOptions): string {
  if (systemProxy(base, proxy, env) !== null || configuredProxy(base, env) === null) return ''
  const name = base.secure ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  return ` ${name} is set, but this connection doesn't use it. To use it, create the connection with --proxy system.`
}

/** Connections to one upstream, direct or through the system's proxy. */
export interface UpstreamPool {
  dispatch: Dispatcher['dispatch']
  request: Dispatcher['request']
  destroy(): Promise<void>
}

/**
 * Opens connections to one origin. Direct connections are checked by address when dialed. A proxy resolves names
 * itself, so only literal addresses can be checked, which is why the owner has to choose it. The upstream's certificate
 * is always verified end to end: https goes through a tunnel.
 */
export async function createUpstreamPool(
  base: BaseAddress,
  rules: DialRules,
  { connectTimeoutMs, ...options }: DialOptions & { connectTimeoutMs: number },
  poolOptions: Omit<Pool.Options, 'connect'>,
): Promise<UpstreamPool> {
  const undici = await import('./undici.ts')
  const proxy = systemProxy(base, options.proxy, options.env ?? process.env)
  if (proxy === null) {
    const connect = guardedConnector(undici.buildConnector, base, rules, { timeoutMs: connectTimeoutMs, ...options })
    return new undici.Pool(base.origin, { ...poolOptions, connect })
  }
  checkLiteral(base, rules)
  checkProxy(proxy, rules)
  const authorization = proxyAuthorization(proxy)
  if (base.secure) {
    const client = new undici.Client(proxy.origin, { connect: { timeout: connectTimeoutMs } })
    const connect = tunnelConnector(undici.buildConnector, client, base, proxy, { connectTimeoutMs, ...options })
    const pool = new undici.Pool(base.origin, { ...poolOptions, connect })
    return {
      dispatch: (request, handler) => pool.dispatch(request, handler),
      request: pool.request.bind(pool),
      destroy: async () => void (await Promise.all([pool.destroy(), client.destroy()])),
    }
  }
  // Plain http has no tunnel, so the proxy gets the full URL and the unencrypted request.
  const pool = new undici.Pool(proxy.origin, { ...poolOptions, connect: { timeout: connectTimeoutMs } })
  const host = base.origin.slice('http://'.length)
  const forProxy = <T extends { path: string; headers?: unknown }>(request: T): T => ({
    ...request,
    path: base.origin + request.path,
    headers: [...flatHeaders(request.headers), 'host', host, ...authorization],
  })
  return {
    dispatch: (request, handler) => pool.dispatch(forProxy(request), handler),
    request: ((request: Dispatcher.RequestOptions) => pool.request(forProxy(request))) as Dispatcher['request'],
    destroy: () => pool.destroy(),
  }
}

function flatHeaders(headers: unknown): string[] {
  if (Array.isArray(headers)) return headers as string[]
  return Object.entries((headers ?? {}) as Record<string, string>).flat()
}

function proxyAuthorization({ username, password }: URL): string[] {
  if (username === '' && password === '') return []
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return ['proxy-authorization', `Basic ${Buffer.from(pair).toString('base64')}`]
}

function checkLiteral(base: BaseAddress, rules: DialRules): void {
  const problem = isIP(base.hostname) === 0 ? null : dialProblem(base, base.hostname, rules)
  if (problem !== null) throw new HallpassError('UPSTREAM_ERROR', problem, { field: 'config.url' })
}

/** Rejects a proxy that is Hallpass itself, which would loop. */
function checkProxy(proxy: URL, rules: DialRules): void {
  const port = proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : Number(proxy.port)
  if (port !== rules.ownPort() || !/^(?:localhost|127\.|\[::1\])/.test(proxy.hostname)) return
  throw new HallpassError('UPSTREAM_ERROR', 'The proxy in HTTP_PROXY or HTTPS_PROXY is Hallpass itself.')
}

function tunnelConnector(
  build: typeof buildConnector,
  client: Dispatcher,
  base: BaseAddress,
  proxy: URL,
  options: DialOptions & { connectTimeoutMs: number },
): buildConnector.connector {
  const secure = build({
    timeout: options.connectTimeoutMs,
    rejectUnauthorized: true,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  })
  const authority = `${isIP(base.hostname) === 6 ? `[${base.hostname}]` : base.hostname}:${base.port}`
  return (target, callback) => {
    const request: Omit<Dispatcher.ConnectOptions, 'origin'> = {
      path: authority,
      headers: ['host', authority, ...proxyAuthorization(proxy)],
      signal: AbortSignal.timeout(options.connectTimeoutMs),
    }
    // undici's types require an origin that the client already knows.
    client.connect(request as Dispatcher.ConnectOptions, (error, reply) => {
      if (error !== null) return callback(error, null)
      if (reply.statusCode === 200) return secure({ ...target, httpSocket: reply.socket as never }, callback)
      reply.socket.on('error', () => undefined).destroy()
      const problem = `The proxy ${proxy.host} didn't connect to ${base.origin} (status ${reply.statusCode}).`
      callback(new HallpassError('UPSTREAM_ERROR', problem), null)
    })
  }
}
