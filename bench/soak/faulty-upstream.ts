import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An API that fails in the way that the path names. It echoes the key that it receives. */
interface FaultyUpstream {
  url: string
  close(): void
}

export async function startFaultyUpstream(): Promise<FaultyUpstream> {
  const server = createServer((request, response) => {
    const key = request.headers.authorization ?? ''
    request.on('error', () => undefined).resume()
    response.on('error', () => undefined)
    const path = request.url ?? ''
    if (path.startsWith('/hang')) return
    if (path.startsWith('/reset')) return void request.socket.resetAndDestroy()
    if (path.startsWith('/half')) {
      response.writeHead(200, { 'content-length': '10000' }).write('x'.repeat(500))
      setTimeout(() => response.destroy(), 20)
    } else if (path.startsWith('/drip')) {
      response.writeHead(200, { 'content-type': 'text/plain' })
      const drip = setInterval(() => response.write('x'), 10)
      response.once('close', () => clearInterval(drip))
    } else response.writeHead(200, { 'content-type': 'text/plain', 'x-echo': key }).end(`You sent ${key}.`)
  })
  server.on('clientError', (_error, socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
