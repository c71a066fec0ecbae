import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'undici'
import { ID_PREFIX, type Ledger } from './check-log.ts'

/** What the calls of a soak are made with. */
export interface CallTarget {
  url: string
  pool: Pool
  accessToken: string
  /** Session tokens. `gone` is for an API without a server. */
  api: string
  gone: string
  document: string
  /** Session token for an API that fails. */
  faulty: string
  /** For an API that is always down. */
  broken: string
  mcpSession: string
  /** Calls a tool over the owner's socket. */
  overStdio: (name: string) => Promise<boolean>
  /** Request the status: over the owner's socket, and from a signed-in browser. */
  owner: () => Promise<unknown>
  browser: () => Promise<unknown>
  ledger: Ledger
}

/** Sends one call and returns its status. */
type SendCall = (target: CallTarget, turn: number) => Promise<number>

/** Every kind of call, including calls that are denied, fail or are interrupted. */
export const CALL_KINDS: Readonly<Record<string, SendCall>> = {
  'HTTP API, GET': (target) => send(target, 'GET', '/api/v1/http/api/listings', target.api),
  'HTTP API, POST': (target) =>
    send(target, 'POST', '/api/v1/http/api/listings', target.api, { body: { text: 'x'.repeat(512) } }),
  'HTTP API, unreachable': (target) => send(target, 'GET', '/api/v1/http/gone/listings', target.gone),
  'document, list': (target) => document(target, { method: 'list_tables' }),
  'document, get 10': (target) => document(target, { method: 'get_records', table: 'Orders', limit: 10 }),
  'document, SQL': (target) => document(target, { method: 'sql_query', query: 'select count(*) from Orders' }),
  'document, add and delete': addAndDelete,
  'document, stream read': (target) =>
    send(target, 'POST', '/api/v1/proxy', target.document, {
      body: { method: 'get_records', table: 'Customers' },
      headers: { accept: 'application/x-ndjson' },
    }),
  'document, stream interrupted': interruptedStream,
  'document, denied': (target) => document(target, { method: 'delete_table', table: 'Orders' }),
  'MCP over HTTP': (target, turn) => callTool(target, turn, 'web__echo'),
  'MCP over stdio': (target, turn) => callTool(target, turn, 'local__echo'),
  'MCP, unknown tool': (target, turn) => callTool(target, turn, 'no_such_tool'),
  'MCP, tools/list': (target, turn) => mcp(target, { jsonrpc: '2.0', id: turn, method: 'tools/list', params: {} }),
  'session token': (target) =>
    send(target, 'POST', '/api/v1/sessions', target.accessToken, {
      body: { document: 'sales', permissions: ['read'], ttl_seconds: 60 },
    }),
  'invalid token': (target) =>
    send(target, 'GET', '/api/v1/http/api/listings', `sess_${'x'.repeat(43)}`, { as: 'strangers' }),
  'unknown route': (target) => send(target, 'GET', '/api/v1/nothing', target.accessToken, { as: 'strangers' }),
  'HTTP API, echoes its key': (target) => send(target, 'GET', '/api/v1/http/faulty/echo', target.faulty),
  'HTTP API, resets': (target) => send(target, 'POST', '/api/v1/http/broken/reset', target.broken),
  'HTTP API, half a response': (target) => send(target, 'GET', '/api/v1/http/broken/half', target.broken),
  'HTTP API, hangs, caller leaves': (target) => leave(target, '/api/v1/http/faulty/hang'),
  'HTTP API, drips, caller leaves': (target) => leave(target, '/api/v1/http/faulty/drip'),
  'bulk load, caller leaves': leaveUpload,
  'MCP, sessionless': (target, turn) =>
    send(target, 'POST', '/projects/demo/mcp', target.accessToken, {
      body: {
        jsonrpc: '2.0',
        id: turn,
        method: 'tools/call',
        params: { name: 'web__echo', arguments: { turn }, _meta: SESSIONLESS },
      },
      headers: {
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'web__echo',
      },
    }),
  'MCP over the owner’s socket': async ({ overStdio, ledger }) => {
    ledger.stdio += 1
    return (await overStdio('local__echo')) ? 200 : 502
  },
  'owner API': ({ owner }) => owner().then(() => 200),
  'web console': ({ browser }) => browser().then(() => 200),
}

const SESSIONLESS = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'soak', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}
/** Long enough for the request to reach the upstream. */
const LEAVE_MS = 300

interface Sent {
  body?: object
  headers?: Record<string, string>
  as?: keyof Ledger
}

async function send(
  { pool, ledger }: CallTarget,
  method: 'GET' | 'POST',
  path: string,
  token: string,
  { body, headers = {}, as = 'logged' }: Sent = {},
): Promise<number> {
  const reply = await pool.request({
    method,
    path,
    headers: { ...headersOf(ledger, token, as), ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  })
  const text = await reply.body.text().catch((error: unknown) => String(error))
  if (text.includes(CANARY)) throw new Error(`A response of ${path} contains the key.`)
  return reply.statusCode
}

/** The key of the upstreams. */
export const CANARY = 'canary-7d1f0c4be92a48d3a6b0'

function headersOf(ledger: Ledger, token: string, as: keyof Ledger): Record<string, string> {
  ledger[as] += 1
  const prefix = as === 'strangers' ? 'stranger-' : as === 'left' ? ID_PREFIX.left : ID_PREFIX.logged
  return {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'x-request-id': `${prefix}${ledger[as]}`,
  }
}

/** Sends a request and disconnects before the response. Returns 0. */
async function leave({ pool, ledger, faulty }: CallTarget, path: string): Promise<number> {
  const signal = AbortSignal.timeout(LEAVE_MS)
  try {
    const reply = await pool.request({
      method: 'GET',
      path,
      headers: headersOf(ledger, faulty, 'left'),
      body: null,
      signal,
    })
    await reply.body.dump({ limit: 64 * 1024 * 1024 })
    return reply.statusCode
  } catch (error) {
    if (signal.aborted) return 0
    throw error
  }
}

async function leaveUpload({ url, ledger, document: token }: CallTarget): Promise<number> {
  const { port, host } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => undefined)
  const headers = Object.entries({
    host,
    'transfer-encoding': 'chunked',
    ...headersOf(ledger, token, 'left'),
    'content-type': 'application/x-ndjson',
  })
  const lines = Array.from({ length: 200 }, (_, row) => `{"Name":"left ${row}"}\n`).join('')
  socket.write('POST /api/v1/proxy?method=add_records&table=Products&atomic=true HTTP/1.1\r\n')
  socket.write(`${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  socket.write(`${lines.length.toString(16)}\r\n${lines}\r\n`)
  await sleep(LEAVE_MS)
  socket.destroy()
  return 0
}

function document(target: CallTarget, body: object): Promise<number> {
  return send(target, 'POST', '/api/v1/proxy', target.document, { body })
}

async function addAndDelete({ pool, document: token, ledger }: CallTarget): Promise<number> {
  const reply = await pool.request({
    method: 'POST',
    path: '/api/v1/proxy',
    headers: headersOf(ledger, token, 'logged'),
    body: JSON.stringify({ method: 'add_records', table: 'Products', records: [{ Name: 'soak' }] }),
  })
  const { data } = (await reply.body.json()) as { data?: { record_ids: number[] } }
  if (data === undefined) return reply.statusCode
  const deleted = await pool.request({
    method: 'POST',
    path: '/api/v1/proxy',
    headers: headersOf(ledger, token, 'logged'),
    body: JSON.stringify({ method: 'delete_records', table: 'Products', record_ids: data.record_ids }),
  })
  await deleted.body.dump()
  return deleted.statusCode
}

async function interruptedStream({ pool, document: token, ledger }: CallTarget): Promise<number> {
  const reply = await pool.request({
    method: 'POST',
    path: '/api/v1/proxy',
    headers: { ...headersOf(ledger, token, 'logged'), accept: 'application/x-ndjson' },
    body: JSON.stringify({ method: 'get_records', table: 'Orders' }),
  })
  reply.body.on('error', () => undefined)
  reply.body.destroy()
  return reply.statusCode
}

function callTool(target: CallTarget, turn: number, name: string): Promise<number> {
  return mcp(target, { jsonrpc: '2.0', id: turn, method: 'tools/call', params: { name, arguments: { turn } } })
}

function mcp(target: CallTarget, body: object): Promise<number> {
  return send(target, 'POST', '/projects/demo/mcp', target.accessToken, {
    body,
    headers: { accept: 'application/json, text/event-stream', 'mcp-session-id': target.mcpSession },
  })
}
