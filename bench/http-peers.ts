/** What Hallpass's forwarding stands beside, each a process of its own: `node bench/http-peers.ts upstream`, or `proxy <origin>`. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'

/** An API that answers a kibibyte of JSON, and asks for its key. */
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

/** The least that forwards: node:http and undici, no check of anything. */
function bareProxy(origin: string): Server {
  const pool = new Pool(origin, { connections: 64 })
  return createServer((request, response) => {
    pool.request({ method: 'GET', path: request.url ?? '/', headers: { authorization: 'Bearer key' } }).then(
      async (reply) => {
        const body = Buffer.from(await reply.body.arrayBuffer())
        response.writeHead(reply.statusCode, {
          'content-type': String(reply.headers['content-type']),
          'content-length': body.length,
        })
        response.end(body)
      },
      () => response.destroy(),
    )
  })
}

export interface Peer {
  origin: string
  cpuMs(): Promise<number>
  stop(): void
}

export async function startPeer(...role: string[]): Promise<Peer> {
  const child: ChildProcess = spawn(process.execPath, [import.meta.filename, ...role], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer]
  return {
    origin: String(line).trim(),
    async cpuMs() {
      const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) * 10
    },
    stop: () => void child.kill(),
  }
}

if (import.meta.main) {
  const server = process.argv[2] === 'proxy' ? bareProxy(process.argv[3] ?? '') : upstream()
  server.keepAliveTimeout = 65_000
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
}
