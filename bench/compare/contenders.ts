import type { Pool } from 'undici'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startScriptedUpstream, tool } from '../../tests/bridge/support/scripted-upstream.ts'
import type { EngineProcess } from '../engine-process.ts'
import { startPeer, type Peer } from '../http-peers.ts'
import type { Contender } from './measure.ts'
import { startMcpHub, startMcpProxy, type McpPeer } from './mcp-peers.ts'
import { NGINX_TOKEN, startNginx } from './nginx.ts'
import { startGateway } from './sdk-gateway-process.ts'

/** What one part compares. `stop` ends what was started for it. */
export interface Part {
  contenders: Record<string, Contender>
  stop(): Promise<void>
}

type Method = 'GET' | 'POST'

const KEY = 'key-of-the-upstream'
/** Environment variable with the key, for `--secret-ref`. */
export const KEY_VARIABLE = 'BENCH_KEY'
const STDIO_UPSTREAM = join(import.meta.dirname, '..', 'stdio-upstream.ts')
const PACKAGED_PROXIES = ['@fastify/http-proxy', 'http-proxy']

/** Requests forwarded to an HTTP API that responds with 1 KiB of JSON. */
export async function httpPart(engine: EngineProcess): Promise<Part> {
  const upstream = await startPeer('upstream')
  const peers: Record<string, Peer> = { 'bare node:http + undici': await startPeer('proxy', upstream.origin) }
  for (const name of PACKAGED_PROXIES)
    if (existsSync(join(process.env['BENCH_PEERS'] ?? '', 'node_modules', name)))
      peers[name] = await startPeer(name, upstream.origin)
  const nginx = await startNginx(upstream.origin)
  if (nginx === null) console.log('nginx is left out, because it is not installed. BENCH_NGINX can name it.')
  const create = ['create', 'connection', '-p', 'demo', '--type', 'http', '--url', upstream.origin, '--auth', 'bearer']
  await engine.hallpass(...create, 'from-env', '--secret-ref', `env:${KEY_VARIABLE}`)
  await engine.hallpassWith(KEY, ...create, 'from-vault', '--secret-stdin')
  const ours = async (connection: string): Promise<Contender> => {
    const token = await mint(engine, connection, ['read'])
    return { pid: engine.pid, origin: engine.url, send: forwardedRequest(connection, token) }
  }
  return {
    contenders: {
      ...Object.fromEntries(
        Object.entries(peers).map(([name, { pid, origin }]) => [
          name,
          { pid, origin, send: request('GET', '/listings', 'x') },
        ]),
      ),
      ...(nginx === null
        ? {}
        : { nginx: { pid: nginx.pid, origin: nginx.origin, send: request('GET', '/listings', NGINX_TOKEN) } }),
      'Hallpass, env: secret': await ours('from-env'),
      'Hallpass, vault secret': await ours('from-vault'),
    },
    async stop() {
      for (const peer of [upstream, ...Object.values(peers), nginx]) peer?.stop()
    },
  }
}

/** Calls of a tool that responds with 1 KiB, over HTTP or stdio. */
export async function mcpPart(engine: EngineProcess, kind: 'http' | 'stdio'): Promise<Part> {
  const tools = await startScriptedUpstream({
    tools: [tool('echo')],
    call: () => ({ content: [{ type: 'text', text: 'x'.repeat(1024) }] }),
  })
  const gateway = await startGateway(kind === 'http' ? tools.url : STDIO_UPSTREAM)
  const how = kind === 'http' ? ['--url', tools.url] : ['--command', process.execPath, '--arg', STDIO_UPSTREAM]
  await engine.hallpass('create', 'connection', `up-${kind}`, '-p', 'demo', '--type', 'mcp', ...how)
  const token = await engine.hallpass('create', 'token', `bench-${kind}`, '-p', 'demo', '--clone', '--rate', 'none')
  const { origin, pathname } = new URL(gateway.url)
  const peers: Record<string, McpPeer | null> =
    kind === 'http'
      ? {}
      : { 'mcp-hub': await startMcpHub(STDIO_UPSTREAM), 'mcp-proxy': await startMcpProxy(STDIO_UPSTREAM, toolCall) }
  for (const [name, peer] of Object.entries(peers))
    if (peer === null) console.log(`${name} is left out, because BENCH_PEERS doesn't have it.`)
  // The upstream is the same for both, so its CPU time doesn't count.
  const isCounted = (commandLine: string): boolean => !commandLine.includes('stdio-upstream')
  return {
    contenders: {
      'SDK gateway': { pid: gateway.pid, origin, isCounted, send: await toolCall(origin + pathname, null, 'echo') },
      ...Object.fromEntries(
        Object.entries(peers).flatMap(([name, peer]) =>
          peer === null ? [] : [[name, { ...peer.contender, isCounted }]],
        ),
      ),
      Hallpass: {
        pid: engine.pid,
        origin: engine.url,
        isCounted,
        send: await toolCall(`${engine.url}/projects/demo/mcp`, token, `up-${kind}__echo`),
      },
    },
    async stop() {
      gateway.stop()
      for (const peer of Object.values(peers)) await peer?.stop()
      await tools.close()
    },
  }
}

/** Document methods over the proxy, compared with the bare proxy of HTTP requests, which shows how fast the computer is now. */
export async function documentsPart(engine: EngineProcess): Promise<Part> {
  const upstream = await startPeer('upstream')
  const bare = await startPeer('proxy', upstream.origin)
  const token = await mint(engine, 'sales', ['read', 'write'])
  const call = (body: object): Contender => ({
    pid: engine.pid,
    origin: engine.url,
    send: request('POST', '/api/v1/proxy', token, JSON.stringify(body)),
  })
  return {
    contenders: {
      'bare node:http + undici': { pid: bare.pid, origin: bare.origin, send: request('GET', '/listings', 'x') },
      'list tables': call({ method: 'list_tables' }),
      'get 10 records': call({ method: 'get_records', table: 'Orders', limit: 10 }),
      'sql query': call({ method: 'sql_query', query: 'select id, Amount from Orders limit 1' }),
      'add one record': call({ method: 'add_records', table: 'Products', records: [{ Name: 'bench' }] }),
    },
    async stop() {
      for (const peer of [upstream, bare]) peer.stop()
    },
  }
}

/** Returns a request that Hallpass forwards to a connection. */
export function forwardedRequest(connection: string, token: string): (pool: Pool) => Promise<void> {
  return request('GET', `/api/v1/http/${connection}/listings`, token)
}

/** Returns a session token of a new access token, or of the given one. */
export async function mint(
  engine: EngineProcess,
  connection: string,
  permissions: string[],
  parent?: string,
): Promise<string> {
  const accessToken =
    parent ?? (await engine.hallpass('create', 'token', `for-${connection}`, '-p', 'demo', '--clone', '--rate', 'none'))
  const reply = await fetch(`${engine.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ connection, permissions, ttl_seconds: 3600 }),
  })
  const { token } = (await reply.json()) as { token?: string }
  if (token === undefined) throw new Error(`No session token for ${connection} (HTTP ${reply.status}).`)
  return token
}

function request(method: Method, path: string, token: string, body: string | null = null) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return async (pool: Pool): Promise<void> => {
    const reply = await pool.request({ method, path, headers, body })
    await reply.body.dump()
    if (reply.statusCode !== 200) throw new Error(`${path}: HTTP ${reply.statusCode}`)
  }
}

async function toolCall(url: string, token: string | null, name: string): Promise<(pool: Pool) => Promise<void>> {
  const { pathname } = new URL(url)
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } }
  const greeting = await fetch(url, {
    method: 'POST',
    headers,
    body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }),
  })
  await greeting.text()
  headers['mcp-session-id'] = greeting.headers.get('mcp-session-id') ?? ''
  let id = 0
  return async (pool) => {
    id += 1
    const reply = await pool.request({
      method: 'POST',
      path: pathname,
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: { a: 1 } } }),
    })
    const text = await reply.body.text()
    if (!text.includes('x'.repeat(1024))) throw new Error(`${name}: HTTP ${reply.statusCode}, ${text.slice(0, 200)}`)
  }
}
