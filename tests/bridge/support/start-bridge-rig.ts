import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Grant } from '../../../src/contract/grants.ts'
import type { DocumentMethod } from '../../../src/contract/methods/document-methods.ts'
import { HallpassError } from '../../../src/contract/errors.ts'
import { createAccess } from '../../../src/engine/access/create-access.ts'
import type { Access } from '../../../src/engine/access/access.ts'
import { createBridge } from '../../../src/engine/bridge/create-bridge.ts'
import type { Bridge } from '../../../src/engine/bridge/bridge.ts'
import type { Connectors } from '../../../src/engine/connections/connectors.ts'
import { createHttpConnections } from '../../../src/engine/http-apis/create-http-connections.ts'
import { createCallOpener } from '../../../src/engine/calls/open-call.ts'
import { createDocumentCalls } from '../../../src/engine/calls/document-calls.ts'
import type { CallContext, DocumentConnector } from '../../../src/engine/documents/document-connector.ts'
import type { RequestLog, RequestOpening, RequestOutcome } from '../../../src/engine/log/request-log.ts'
import type { McpUpstreams } from '../../../src/engine/mcp-upstreams/mcp-upstreams.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { expect } from 'vitest'
import { createMemoryStore } from '../../support/memory-store.ts'
import { createTestClock, type TestClock } from '../../support/test-clock.ts'

export type LoggedRow = RequestOpening & Partial<RequestOutcome>

export interface BridgeRig {
  url: string
  access: Access
  store: Store
  clock: TestClock
  bridge: Bridge
  rows: LoggedRow[]
  /** What went to the diagnostic log. */
  reported: unknown[]
  /** What the next document calls do; by default they answer canned data. */
  answer: { call: (method: DocumentMethod, fields: object, context: CallContext, document: string) => Promise<unknown> }
  logFails: { value: boolean }
  token(name: string, grants: Grant[], kind?: 'access' | 'local'): Promise<string>
  /** The engine's bridge as after a restart: same store, nothing else. */
  restart(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const CANNED: Record<string, unknown> = {
  list_tables: { tables: ['Orders'] },
  describe_table: { columns: [{ id: 'Name', type: 'Text' }] },
  get_records: { records: [{ id: 1, Name: 'one' }] },
  sql_query: [{ n: 1 }],
  add_records: { record_ids: [1] },
  update_records: { updated: 1 },
  delete_records: { deleted: 1 },
  create_table: { table_id: 'Orders' },
  add_column: { column_id: 'A' },
  modify_column: { column_id: 'A' },
  delete_column: { deleted: 'A' },
}

/** A bridge over the real access module and document calls, behind a bare server. `upstreams` serve the connection `tracker`. */
export async function startBridgeRig(options: { upstreams?: McpUpstreams } = {}): Promise<BridgeRig> {
  const store = createMemoryStore()
  const clock = createTestClock()
  const project = store.write.createProject('demo', clock.now())
  for (const name of ['sales', 'stock']) {
    const row = store.write.createConnection({
      name,
      kind: 'sqlite',
      config: {},
      secret_location: null,
      secret_account: name,
      created_at: clock.now(),
    })
    store.write.include(project.id, row.id)
  }
  if (options.upstreams !== undefined) {
    const row = store.write.createConnection({
      name: 'tracker',
      kind: 'mcp',
      config: {},
      secret_location: null,
      secret_account: 'tracker',
      created_at: clock.now(),
    })
    store.write.include(project.id, row.id)
  }
  const access = createAccess({ store, clock })
  const rows: LoggedRow[] = []
  const reported: unknown[] = []
  const logFails = { value: false }
  const answer: BridgeRig['answer'] = { call: async (method) => CANNED[method] }
  const log = memoryLog(rows, logFails)
  const opener = createCallOpener({
    access,
    log,
    clock,
    stopping: new AbortController().signal,
    read: store.read,
    onInternalError: (_requestId, cause) => void reported.push(cause),
  })
  const calls = createDocumentCalls({
    opener,
    access,
    store,
    clock,
    connectors: cannedConnectors(store, answer),
  })
  let url = ''
  const makeBridge = (): Bridge =>
    createBridge({
      access,
      opener,
      calls,
      log,
      clock,
      version: '0.0.0-test',
      baseUrl: () => url,
      store,
      onInternalError: (_requestId, cause) => void reported.push(cause),
      ...options,
    })
  let bridge = makeBridge()
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      try {
        const principal = access.identify((request.headers.authorization ?? '').replace(/^Bearer /, ''))
        const text = Buffer.concat(chunks).toString()
        await bridge.handleHttp(request, response, {
          principal,
          requestId: `r${rows.length}`,
          body: text === '' ? undefined : JSON.parse(text),
          headers: {},
        })
      } catch (error) {
        response.writeHead(error instanceof HallpassError ? error.status : 500).end(String(error))
      }
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `${url}/projects/demo/mcp`,
    access,
    store,
    clock,
    rows,
    reported,
    answer,
    logFails,
    get bridge() {
      return bridge
    },
    token: async (name, grants, kind = 'access') =>
      (await access.createToken({ project: 'demo', name, kind, grants })).secret ?? '',
    async restart() {
      await bridge.close()
      bridge = makeBridge()
    },
    async [Symbol.asyncDispose]() {
      await bridge.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      access.close()
    },
  }
}

function cannedConnectors(store: Store, answer: BridgeRig['answer']): Connectors {
  return {
    open(name) {
      const row = store.read.connection(name)
      if (row === null) throw new HallpassError('INVALID_REQUEST', 'no such connection')
      const connector = {
        call: (method: DocumentMethod, fields: object, context: CallContext) =>
          answer.call(method, fields, context, name),
      } as unknown as DocumentConnector
      return { row, connector, context: (signal) => ({ signal, secret: () => Promise.reject(new Error('no secret')) }) }
    },
    http: createHttpConnections({
      store,
      clock: createTestClock(),
      ownPort: () => null,
      catalogs: { read: () => null, outdatedSelection: () => null, write: () => undefined, remove: () => undefined },
      fetchSecret: () => Promise.reject(new Error('no secret')),
    }),
    mcp: {} as Connectors['mcp'],
    check: async (config) => ({ config, problem: null, stored: () => {} }),
    test: async () => {},
    watch: () => undefined,
    forget: async () => {},
    close: async () => {},
  }
}

function memoryLog(rows: LoggedRow[], fails: { value: boolean }): RequestLog {
  return {
    healthy: true,
    open(opening) {
      if (fails.value) throw new HallpassError('LOG_UNAVAILABLE', 'The request log cannot be written.')
      const row: LoggedRow = { ...opening }
      rows.push(row)
      return { record: row as never, close: (outcome) => void (row.status ?? Object.assign(row, outcome)) }
    },
    rejected: (opening, outcome) => void rows.push({ ...opening, ...outcome }),
    async *follow() {},
    payloadsStored: async () => undefined,
    flush: () => {},
    close: () => {},
  }
}

/** One raw JSON-RPC post, as a client without an SDK would send it. */
export async function rpc(
  url: string,
  token: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      ...headers,
    },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  })
  const text = await response.text()
  return {
    status: response.status,
    session: response.headers.get('mcp-session-id'),
    body: text === '' ? null : (JSON.parse(text) as Record<string, any>),
  }
}

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1.0' } },
}

/** Initializes a session and returns a function that calls in it. */
export async function openSession(url: string, token: string) {
  const { session } = await rpc(url, token, INITIALIZE)
  const id = session ?? ''
  let next = 1
  return {
    id,
    send: (method: string, params: object = {}, signal?: AbortSignal) =>
      rpc(url, token, { jsonrpc: '2.0', id: next++, method, params }, { 'mcp-session-id': id }, signal),
    notify: (method: string, params: object = {}) =>
      rpc(url, token, { jsonrpc: '2.0', method, params }, { 'mcp-session-id': id }),
    async tool(name: string, args: object = {}) {
      const { body } = await this.send('tools/call', { name, arguments: args })
      return body
    },
  }
}

/** Returns the error of a failed tool call for programs; undefined if it isn't one of Hallpass's own failures. */
export function errorOf(result: Record<string, any> | undefined): { error: string; code: string; field?: string } {
  expect(result?.['isError']).toBe(true)
  const error = result?.['_meta']['hallpass/error']
  expect(result?.['content'][0].text.startsWith(error.error)).toBe(true)
  return error
}
