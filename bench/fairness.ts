/** Measures the requests of one token alone and while another token, or a stranger, floods the engine, in one run. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker, isMainThread, workerData } from 'node:worker_threads'
import { Pool } from 'undici'
import { startEngineProcess, type EngineProcess } from './engine-process.ts'

/** A flood that has begun, until `end`. */
interface Flood {
  end(): Promise<void>
}

interface Case {
  flood(): Promise<Flood>
  /** Sends a request of the quiet token. */
  request(): Promise<void>
  /** The figure that must hold: half of the requests, or all but one in a hundred. */
  figure: 'p50' | 'p99'
}

interface FairnessRow {
  figure: string
  'alone, ms': number
  'under the flood, ms': number
  ratio: number
}

const SAMPLES = { p50: 400, p99: 1_500 } as const
const WARM_UP = 50
/** Time until a flood has its full effect. */
const SETTLE_MS = 1_500
const RUNAWAY =
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n AS a, n AS b WHERE a.i > b.i'
const BUSY_CONNECTIONS = 64
const IDLE_CONNECTIONS = 1_000
/** Response time of the API. It varies as for an ordinary API, and its connection is busy meanwhile, but the engine isn't. */
const API_MS = { from: 100, to: 300 }
const MODERN = '2026-07-28'

export async function measureFairness(only = ''): Promise<Record<string, FairnessRow>> {
  const engine = await startEngineProcess()
  const api = await startApi()
  try {
    const rows: Record<string, FairnessRow> = {}
    for (const [name, one] of Object.entries(await casesOf(engine, api.url))) {
      if (!name.includes(only)) continue
      await measure(one.request, WARM_UP)
      const alone = await measure(one.request, SAMPLES[one.figure])
      const flood = await one.flood()
      await sleep(SETTLE_MS)
      const under = await measure(one.request, SAMPLES[one.figure])
      await flood.end()
      await sleep(SETTLE_MS)
      const share = one.figure === 'p50' ? 0.5 : 0.99
      const [before, during] = [quantile(alone, share), quantile(under, share)]
      rows[name] = {
        figure: one.figure,
        'alone, ms': round(before),
        'under the flood, ms': round(during),
        ratio: round(during / before),
      }
    }
    return rows
  } finally {
    await engine.stop()
    api.close()
  }
}

async function casesOf(engine: EngineProcess, apiUrl: string): Promise<Record<string, Case>> {
  const { url, hallpass } = engine
  await hallpass('create', 'connection', 'api', '-p', 'demo', '--type', 'http', '--auth', 'none', '--url', apiUrl)
  const newToken = (name: string): Promise<string> =>
    hallpass('create', 'token', name, '-p', 'demo', '--clone', '--rate', 'none')
  const [quiet, greedy] = [await newToken('quiet'), await newToken('greedy')]
  const mint = async (parent: string, connection: string): Promise<string> => {
    const reply = await fetch(`${url}/api/v1/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${parent}`, 'content-type': 'application/json' },
      body: JSON.stringify({ connection, permissions: ['read', 'write'], ttl_seconds: 3600 }),
    })
    return ((await reply.json()) as { token: string }).token
  }
  const own = { api: await mint(quiet, 'api'), document: await mint(quiet, 'sales') }
  const theirs = { api: await mint(greedy, 'api'), document: await mint(greedy, 'sales') }
  const pool = new Pool(url, { connections: 1 })
  const send = async (
    method: 'GET' | 'POST',
    path: string,
    token: string,
    body?: string,
    type = 'application/json',
    more: Record<string, string> = {},
  ): Promise<void> => {
    const reply = await pool.request({
      method,
      path,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': type,
        accept: 'application/json, text/event-stream',
        ...more,
      },
      body: body ?? null,
    })
    const text = await reply.body.text()
    if (reply.statusCode !== 200) throw new Error(`${path}: HTTP ${reply.statusCode}, ${text.slice(0, 200)}`)
  }
  const get = (): Promise<void> => send('GET', '/api/v1/http/api/items', own.api)
  const query = (): Promise<void> =>
    send('POST', '/api/v1/proxy', own.document, '{"method":"sql_query","query":"select count(*) from Orders"}')
  const load = (): Promise<void> =>
    send(
      'POST',
      '/api/v1/proxy?method=add_records&table=Products',
      own.document,
      '{"Name":"quiet"}\n',
      'application/x-ndjson',
    )
  const list = (): Promise<void> =>
    send('POST', '/projects/demo/mcp', quiet, modern('tools/list'), 'application/json', modernHeaders('tools/list'))
  const flood = (count: number, line: string, token: string, body = '', headers = ''): Promise<Flood> =>
    openSockets(url, count, `${line} HTTP/1.1\r\nAuthorization: Bearer ${token}\r\n${headers}`, body)

  await fillProducts(pool, own.document)
  return {
    '64 hanging requests of an API': {
      figure: 'p50',
      request: get,
      flood: () => flood(64, 'GET /api/v1/http/api/hang', theirs.api),
    },
    '16 endless queries': {
      figure: 'p50',
      request: query,
      flood: () =>
        flood(
          16,
          'POST /api/v1/proxy',
          theirs.document,
          JSON.stringify({ method: 'sql_query', query: RUNAWAY }),
          'Content-Type: application/json\r\n',
        ),
    },
    '8 NDJSON readers that stop reading': {
      figure: 'p50',
      request: load,
      flood: () =>
        flood(
          8,
          'POST /api/v1/proxy',
          theirs.document,
          '{"method":"get_records","table":"Products"}',
          'Content-Type: application/json\r\nAccept: application/x-ndjson\r\n',
        ),
    },
    '300 event streams': {
      figure: 'p50',
      request: list,
      flood: () =>
        flood(
          300,
          'POST /projects/demo/mcp',
          greedy,
          modern('subscriptions/listen', { notifications: { toolsListChanged: true } }),
          Object.entries({
            'Content-Type': 'application/json',
            Accept: 'application/json, text/event-stream',
            ...modernHeaders('subscriptions/listen'),
          })
            .map(([name, value]) => `${name}: ${value}\r\n`)
            .join(''),
        ),
    },
    [`${IDLE_CONNECTIONS} idle connections of a stranger, ${BUSY_CONNECTIONS} busy ones of a token`]: {
      figure: 'p99',
      request: get,
      async flood() {
        const idle = await openSockets(url, IDLE_CONNECTIONS, '', '')
        const busy = new Worker(import.meta.filename, { workerData: { url, token: theirs.api } })
        return {
          async end() {
            await busy.terminate()
            await idle.end()
          },
        }
      },
    },
  }
}

/** A request of the protocol without sessions. */
function modern(method: string, params: object = {}): string {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } })
}

function modernHeaders(method: string): Record<string, string> {
  return { 'mcp-protocol-version': MODERN, 'mcp-method': method }
}

/** Adds enough records to fill every buffer of a reader that stops reading. */
async function fillProducts(pool: Pool, token: string): Promise<void> {
  const lines = Array.from({ length: 60_000 }, (_, row) => JSON.stringify({ Name: `item ${row} ${'x'.repeat(200)}` }))
  const reply = await pool.request({
    method: 'POST',
    path: '/api/v1/proxy?method=add_records&table=Products',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    body: `${lines.join('\n')}\n`,
  })
  const text = await reply.body.text()
  if (reply.statusCode !== 200) throw new Error(`filling the document: ${text}`)
}

/** Opens connections that send one request, or nothing, and never read. Those that the engine closes stay closed. */
async function openSockets(url: string, count: number, head: string, body: string): Promise<Flood> {
  const { port, host } = new URL(url)
  const sockets: Socket[] = []
  for (let n = 0; n < count; n += 1) {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined)
    sockets.push(socket.pause())
    await once(socket, 'connect')
    if (head !== '') socket.write(`${head}Host: ${host}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  return {
    async end() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function startApi(): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    if (request.url === '/hang') return
    if (request.url === '/slow')
      setTimeout(() => response.end('{"items":[]}'), API_MS.from + Math.random() * (API_MS.to - API_MS.from))
    else response.end('{"items":[]}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function measure(request: () => Promise<void>, samples: number): Promise<number[]> {
  const times: number[] = []
  for (let n = 0; n < samples; n += 1) {
    const start = performance.now()
    await request()
    times.push(performance.now() - start)
  }
  return times.toSorted((one, other) => one - other)
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

function round(value: number): number {
  return Number(value.toFixed(2))
}

/** Keeps every connection busy from a separate thread, so that the quiet client isn't delayed by sending. */
async function keepBusy({ url, token }: { url: string; token: string }): Promise<void> {
  const pool = new Pool(url, { connections: BUSY_CONNECTIONS })
  const headers = { authorization: `Bearer ${token}` }
  await Promise.all(
    Array.from({ length: BUSY_CONNECTIONS }, async () => {
      for (;;) {
        const reply = await pool.request({ method: 'GET', path: '/api/v1/http/api/slow', headers })
        await reply.body.dump()
      }
    }),
  )
}

if (!isMainThread && workerData !== null) await keepBusy(workerData as { url: string; token: string })
else if (import.meta.main) console.table(await measureFairness(process.argv[2]))
