/** The peers of forwarded requests, each in a separate process: `node bench/http-peers.ts upstream`, or `proxy <origin>`; also
 * `http-proxy <origin>` and `@fastify/http-proxy <origin>`, if the folder BENCH_PEERS has them. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Pool } from 'undici'
import { endWithThisProcess } from './end-with-this-process.ts'

/** An API that requires its key and responds with 1 KiB of JSON. */
function upstream(): Server {
  const body = JSON.stringify({
    items: Array.from({ length: 12 }, (_, id) => ({
      id,
      name: `listing number ${id}`,
      city: 'Porto',
      nightly: 80 + id,
      free: true,
    })),
  })
  return createServer((request, response) => {
    request.resume()
    response.writeHead(request.headers.authorization === undefined ? 401 : 200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    })
    response.end(body)
  })
}

/** The smallest proxy: node:http and undici's parser, without any checks. */
function bareProxy(origin: string): Server {
  const pool = new Pool(origin, { connections: 64 })
  return createServer((request, response) => {
    const pieces: Buffer[] = []
    pool.dispatch(
      { method: 'GET', path: request.url ?? '/', headers: { authorization: 'Bearer key' } },
      {
        onConnect() {},
        onHeaders(status, raw) {
          response.writeHead(
            status,
            raw.map((part) => part.toString('latin1')),
          )
          return true
        },
        onData: (piece) => pieces.push(piece) > 0,
        onComplete: () => void response.end(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)),
        onError: () => void response.destroy(),
      },
    )
  })
}

/** Loads a package from the folder BENCH_PEERS, which isn't a dependency of Hallpass. */
const requirePeer = createRequire(join(process.env['BENCH_PEERS'] ?? process.cwd(), 'package.json'))

/** http-proxy or @fastify/http-proxy as their documentation shows them, without any check. */
async function packagedProxy(name: string, origin: string): Promise<Server> {
  if (name === 'http-proxy') {
    const agent = new Agent({ keepAlive: true, maxSockets: 64 })
    const proxy = requirePeer('http-proxy').createProxyServer({ target: origin, agent })
    return createServer((request, response) => proxy.web(request, response, {}, () => response.destroy()))
  }
  const server = requirePeer('fastify')()
  server.register(requirePeer('@fastify/http-proxy'), { upstream: origin, undici: { connections: 64 } })
  await server.ready()
  return server.server as Server
}

export interface Peer {
  origin: string
  pid: number
  cpuMs(): Promise<number>
  stop(): void
}

export async function startPeer(...role: string[]): Promise<Peer> {
  const child: ChildProcess = spawn(process.execPath, [import.meta.filename, ...role], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  endWithThisProcess(child)
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer]
  return {
    origin: String(line).trim(),
    pid: child.pid ?? 0,
    async cpuMs() {
      const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) * 10
    },
    stop: () => void child.kill(),
  }
}

if (import.meta.main) {
  const [role = 'upstream', origin = ''] = process.argv.slice(2)
  const server =
    role === 'upstream' ? upstream() : role === 'proxy' ? bareProxy(origin) : await packagedProxy(role, origin)
  server.keepAliveTimeout = 65_000
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
}
