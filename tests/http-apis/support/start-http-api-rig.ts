import type { HttpConnectionConfig } from '../../../src/contract/upstreams/http-connection.ts'
import type { Grant, Permission } from '../../../src/contract/grants.ts'
import { createAccess } from '../../../src/engine/access/create-access.ts'
import { createCallOpener } from '../../../src/engine/calls/open-call.ts'
import { createHttpCalls } from '../../../src/engine/calls/http-calls.ts'
import type { Resolve } from '../../../src/engine/egress/dial-guard.ts'
import type { Catalog } from '../../../src/engine/http-apis/openapi/document/catalog.ts'
import type { CatalogFiles } from '../../../src/engine/http-apis/openapi/document/catalog-files.ts'
import { createHttpTools } from '../../../src/engine/calls/http-tools.ts'
import { createHttpConnections } from '../../../src/engine/http-apis/create-http-connections.ts'
import { createHttpServer } from '../../../src/engine/http/create-http-server.ts'
import { Secret } from '../../../src/engine/secrets/secret.ts'
import { createCapturedLog } from '../../http/support/start-http-rig.ts'
import { createRateLimiter } from '../../../src/engine/access/rate-limiter.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { createTestClock } from '../../support/test-clock.ts'

export const SECRET = 'canary-K3y/4+upstream=='

/** The HTTP side of an engine in front of one `http` connection named `api`, with a test's own clock, resolver and log. */
export async function startHttpApiRig(
  config: Omit<HttpConnectionConfig, 'kind'>,
  options: { secret?: string | null; resolve?: Resolve; ca?: string; streamIdleMs?: number; clock?: 'real' } = {},
) {
  const clock = createTestClock()
  const store = createMemoryStore()
  const project = store.write.createProject('demo', clock.now())
  const connection = store.write.createConnection({
    name: 'api',
    kind: 'http',
    config,
    secret_location: 'env:X',
    secret_account: 'a',
    created_at: clock.now(),
  })
  store.write.include(project.id, connection.id)
  const { log, rows, state } = createCapturedLog()
  const access = createAccess({ store, clock })
  const internal: unknown[] = []
  const onInternalError = (_: string, cause: unknown): void => void internal.push(cause)
  const stopping = new AbortController()
  let port = 0
  const dial = {
    ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  }
  const kept = new Map<number, Catalog>()
  const catalogs: CatalogFiles = {
    read: (id) => kept.get(id) ?? null,
    outdatedSelection: () => null,
    write: (id, catalog) => void kept.set(id, catalog),
    remove: (id) => void kept.delete(id),
  }
  const secretUses = { count: 0 }
  const connections = createHttpConnections({
    store,
    clock,
    ownPort: () => port,
    ...dial,
    catalogs,
    fetchSecret: () => {
      secretUses.count += 1
      return Promise.resolve(new Secret(options.secret ?? SECRET))
    },
  })
  const opener = createCallOpener({ access, log, clock, stopping: stopping.signal, onInternalError, read: store.read })
  const httpCalls = createHttpCalls({ opener, connections })
  const tools = createHttpTools({ connections, calls: httpCalls })
  const server = createHttpServer({
    access,
    opener,
    httpCalls,
    log,
    clock,
    version: '9.9.9',
    rateLimiter: createRateLimiter({ clock }),
    onInternalError,
    calls: {} as never,
    bridge: {} as never,
    allowedOrigins: () => [],
    ready: () => Promise.resolve({ ok: true, checks: {} }),
    limits: { streamIdleMs: options.streamIdleMs ?? 5_000, lingerMs: 500 },
  })
  const listening = await server.listen({ host: '127.0.0.1', port: 0 })
  port = listening.port
  const all: Grant[] = [{ connection: 'api', permissions: ['read', 'write', 'schema'] }]
  const accessToken =
    (await access.createToken({ project: 'demo', name: 'agent', kind: 'access', grants: all, rate: 'none' })).secret ??
    ''
  const mint = (permissions: Permission[] = ['read', 'write', 'schema'], resources?: string[]) =>
    access.mintSession(access.identify(accessToken), {
      connection: 'api',
      permissions,
      ...(resources === undefined ? {} : { resources }),
    })
  const session = mint().token
  return {
    url: listening.url,
    port,
    baseUrl: config.url,
    base: `${listening.url}/api/v1/http/api`,
    clock,
    access,
    log,
    rows,
    state,
    store,
    connections,
    httpCalls,
    tools,
    internal,
    secretUses,
    stopping,
    accessToken,
    session,
    mint,
    server,
    /** Sends a request through the proxy with a session token that can do everything. */
    ask(path: string, init: RequestInit & { duplex?: 'half' } = {}, token = session): Promise<Response> {
      return fetch(`${listening.url}/api/v1/http/api${path}`, {
        redirect: 'manual',
        ...init,
        headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string> | undefined) },
      })
    },
    async [Symbol.asyncDispose]() {
      await server.close({ graceMs: 50 })
      await connections.close()
      access.close()
    },
  }
}

export type HttpApiRig = Awaited<ReturnType<typeof startHttpApiRig>>
