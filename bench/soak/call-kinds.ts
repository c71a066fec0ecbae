import type { Pool } from 'undici'

/** What the calls of a soak are made with. */
export interface CallTarget {
  pool: Pool
  accessToken: string
  /** Session tokens, `gone` for an API that nobody serves. */
  api: string
  gone: string
  document: string
  mcpSession: string
}

/** Sends one call and returns its status. */
export type SendCall = (target: CallTarget, turn: number) => Promise<number>

/** Every kind of call, the ones that are denied, fail or are interrupted among them. */
export const CALL_KINDS: Readonly<Record<string, SendCall>> = {
  'HTTP API, GET': ({ pool, api }) => send(pool, 'GET', '/api/v1/http/api/listings', api),
  'HTTP API, POST': ({ pool, api }) => send(pool, 'POST', '/api/v1/http/api/listings', api, { text: 'x'.repeat(512) }),
  'HTTP API, unreachable': ({ pool, gone }) => send(pool, 'GET', '/api/v1/http/gone/listings', gone),
  'document, list': (target) => document(target, { method: 'list_tables' }),
  'document, get 10': (target) => document(target, { method: 'get_records', table: 'Orders', limit: 10 }),
  'document, SQL': (target) => document(target, { method: 'sql_query', query: 'select count(*) from Orders' }),
  'document, add and delete': addAndDelete,
  'document, stream read': ({ pool, document: token }) =>
    send(
      pool,
      'POST',
      '/api/v1/proxy',
      token,
      { method: 'get_records', table: 'Customers' },
      { accept: 'application/x-ndjson' },
    ),
  'document, stream interrupted': interruptedStream,
  'document, denied': (target) => document(target, { method: 'delete_table', table: 'Orders' }),
  'MCP over HTTP': (target, turn) => callTool(target, turn, 'web__echo'),
  'MCP over stdio': (target, turn) => callTool(target, turn, 'local__echo'),
  'MCP, unknown tool': (target, turn) => callTool(target, turn, 'no_such_tool'),
  'MCP, tools/list': (target, turn) => mcp(target, { jsonrpc: '2.0', id: turn, method: 'tools/list', params: {} }),
  'session token': ({ pool, accessToken }) =>
    send(pool, 'POST', '/api/v1/sessions', accessToken, { document: 'sales', permissions: ['read'], ttl_seconds: 60 }),
  'invalid token': ({ pool }) => send(pool, 'GET', '/api/v1/http/api/listings', `sess_${'x'.repeat(43)}`),
  'unknown route': ({ pool, accessToken }) => send(pool, 'GET', '/api/v1/nothing', accessToken),
}

async function send(
  pool: Pool,
  method: 'GET' | 'POST',
  path: string,
  token: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<number> {
  const reply = await pool.request({
    method,
    path,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  })
  await reply.body.dump({ limit: 64 * 1024 * 1024 })
  return reply.statusCode
}

function document({ pool, document: token }: CallTarget, body: object): Promise<number> {
  return send(pool, 'POST', '/api/v1/proxy', token, body)
}

async function addAndDelete({ pool, document: token }: CallTarget): Promise<number> {
  const reply = await pool.request({
    method: 'POST',
    path: '/api/v1/proxy',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ method: 'add_records', table: 'Products', records: [{ Name: 'soak' }] }),
  })
  const { data } = (await reply.body.json()) as { data?: { record_ids: number[] } }
  if (data === undefined) return reply.statusCode
  return send(pool, 'POST', '/api/v1/proxy', token, {
    method: 'delete_records',
    table: 'Products',
    record_ids: data.record_ids,
  })
}

async function interruptedStream({ pool, document: token }: CallTarget): Promise<number> {
  const reply = await pool.request({
    method: 'POST',
    path: '/api/v1/proxy',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/x-ndjson' },
    body: JSON.stringify({ method: 'get_records', table: 'Orders' }),
  })
  reply.body.on('error', () => undefined)
  reply.body.destroy()
  return reply.statusCode
}

function callTool(target: CallTarget, turn: number, name: string): Promise<number> {
  return mcp(target, { jsonrpc: '2.0', id: turn, method: 'tools/call', params: { name, arguments: { turn } } })
}

function mcp({ pool, accessToken, mcpSession }: CallTarget, message: object): Promise<number> {
  return send(pool, 'POST', '/projects/demo/mcp', accessToken, message, {
    accept: 'application/json, text/event-stream',
    'mcp-session-id': mcpSession,
  })
}
