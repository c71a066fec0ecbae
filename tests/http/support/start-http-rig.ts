import type { Grant } from '../../../src/contract/grants.ts'
import { HallpassError } from '../../../src/contract/errors.ts'
import { createAccess } from '../../../src/engine/access/create-access.ts'
import { createRateLimiter } from '../../../src/engine/access/rate-limiter.ts'
import type { Bridge } from '../../../src/engine/bridge/bridge.ts'
import type { Connectors } from '../../../src/engine/connections/connectors.ts'
import { createDocumentCalls } from '../../../src/engine/calls/document-calls.ts'
import type { DocumentConnector } from '../../../src/engine/documents/document-connector.ts'
import { createHttpServer } from '../../../src/engine/http/create-http-server.ts'
import { createCallOpener } from '../../../src/engine/calls/open-call.ts'
import { createHttpCalls } from '../../../src/engine/calls/http-calls.ts'
import { createHttpConnections } from '../../../src/engine/http-apis/create-http-connections.ts'
import type { NetworkOptions } from '../../../src/engine/http/listener.ts'
import type { WebConsole } from '../../../src/engine/web-console.ts'
import type { HttpLimits } from '../../../src/engine/http/http-limits.ts'
import type { RequestLog, RequestOpening, RequestOutcome } from '../../../src/engine/log/request-log.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { createTestClock } from '../../support/test-clock.ts'

export type LoggedRow = RequestOpening & { outcome: RequestOutcome | null }

/** Stores rows in memory. `broken` makes it fail like a full disk. */
export function createCapturedLog() {
  const rows: LoggedRow[] = []
  const state = { broken: false }
  const log: RequestLog = {
    healthy: true,
    open(opening) {
      if (state.broken) throw new HallpassError('LOG_UNAVAILABLE', 'The request log cannot be written.')
      const row: LoggedRow = { ...opening, outcome: null }
      rows.push(row)
      return {
        record: {} as never,
        close(outcome) {
          row.outcome ??= outcome
        },
      }
    },
    rejected(opening, outcome) {
      rows.push({ ...opening, outcome })
    },
    async *follow() {},
    payloadsStored: async () => undefined,
    flush: () => undefined,
    close: () => undefined,
  }
  return { rows, state, log }
}

const encoder = new TextEncoder()

/** A document of one table that answers at once; `overrides` make it slow, endless or broken. */
export function scriptedConnector(overrides: Partial<DocumentConnector> = {}): DocumentConnector {
  return {
    attachments: null,
    async call(method, fields) {
      switch (method as string) {
        case 'list_tables':
          return { tables: ['Orders'] } as never
        case 'describe_table':
          return { columns: [{ id: 'Name', type: 'Text' }] } as never
        case 'get_records':
          return { records: [{ id: 1, Name: 'a' }] } as never
        case 'add_records':
          return { record_ids: (fields as { records: unknown[] }).records.map((_, index) => index + 1) } as never
        default:
          return {} as never
      }
    },
    async openReadStream() {
      return {
        records: 2,
        async *[Symbol.asyncIterator]() {
          yield encoder.encode('{"id":1}\n')
          yield encoder.encode('{"id":2}\n')
        },
      }
    },
    async *writeStream(_target, body) {
      let lines = 0
      for await (const piece of body) {
        for (const line of new TextDecoder().decode(piece).split('\n')) {
          if (line === '') continue
          lines += 1
          if (line === 'bad')
            throw new HallpassError(
              'INVALID_REQUEST',
              `Line ${lines} is not valid JSON; lines 1–${lines - 1} are stored.`,
            )
        }
        yield { stored: lines, line: lines }
      }
    },
    async probe() {},
    async close() {},
    ...overrides,
  }
}

/** The real server, access module, limiter and document calls, with a store in memory and a scripted document. */
export async function startHttpRig(
  options: {
    connector?: DocumentConnector
    limits?: Partial<HttpLimits>
    allowedOrigins?: string[]
    bridge?: Partial<Bridge>
    network?: NetworkOptions
    host?: string
    console?: WebConsole
  } = {},
) {
  const clock = createTestClock()
  const store = createMemoryStore()
  const project = store.write.createProject('demo', clock.now())
  const connection = store.write.createConnection({
    name: 'sales',
    kind: 'sqlite',
    config: {},
    secret_location: null,
    secret_account: 'a',
    created_at: clock.now(),
  })
  store.write.include(project.id, connection.id)
  store.write.createProject('other', clock.now())
  const { log, rows, state } = createCapturedLog()
  const access = createAccess({ store, clock })
  const internal: unknown[] = []
  const onInternalError = (_: string, cause: unknown) => void internal.push(cause)
  const connector = options.connector ?? scriptedConnector()
  const connectors = {
    open: () => ({
      row: connection,
      connector,
      context: (signal: AbortSignal) => ({ signal, secret: () => Promise.reject(new Error('none')) }),
    }),
  } as unknown as Connectors
  const stopping = new AbortController()
  const opener = createCallOpener({ access, log, clock, stopping: stopping.signal, onInternalError, read: store.read })
  const calls = createDocumentCalls({ opener, access, store, connectors, clock })
  const connections = createHttpConnections({
    store,
    clock,
    ownPort: () => null,
    catalogs: { read: () => null, outdatedSelection: () => null, write: () => undefined, remove: () => undefined },
    fetchSecret: () => Promise.reject(new Error('none')),
  })
  const httpCalls = createHttpCalls({ opener, connections })
  const bridge: Bridge = {
    async handleHttp(_request, response, context) {
      response.writeHead(200, { ...context.headers, 'Content-Type': 'application/json' })
      response.end(JSON.stringify({ echoed: context.body ?? null, token: context.principal.name }))
    },
    async serveStream() {},
    reachChanged() {},
    connectedClients: () => [],
    toolsOf: () => [],
    countTools: () => ({ tools: 0, context_tokens: 0 }),
    async close() {},
    ...options.bridge,
  }
  const server = createHttpServer({
    access,
    opener,
    calls,
    httpCalls,
    bridge,
    log,
    clock,
    version: '9.9.9',
    rateLimiter: createRateLimiter({ clock }),
    onInternalError,
    allowedOrigins: () => options.allowedOrigins ?? [],
    ready: async () => ({ ok: true, checks: { store: true } }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.console === undefined ? {} : { console: options.console }),
  })
  const { url, port } = await server.listen({ host: options.host ?? '127.0.0.1', port: 0 }, options.network)
  const all: Grant[] = [{ connection: 'sales', permissions: ['read', 'write'] }]
  const token = async (name: string, more: { ttl?: string; rate?: string; grants?: Grant[] } = {}) =>
    (await access.createToken({ project: 'demo', name, kind: 'access', grants: all, ...more })).secret ?? ''
  const accessToken = await token('editor')
  const mint = (permissions = ['read', 'write'], parent = accessToken, more: object = {}) =>
    access.mintSession(access.identify(parent), { document: 'sales', permissions, ...more })
  return {
    url,
    port,
    clock,
    access,
    rows,
    state,
    internal,
    accessToken,
    token,
    mint,
    server,
    store,
    sessionToken: mint().token,
    async [Symbol.asyncDispose]() {
      await server.close({ graceMs: 100 })
      access.close()
    },
  }
}

export type HttpRig = Awaited<ReturnType<typeof startHttpRig>>
