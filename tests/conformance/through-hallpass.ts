import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startTestEngine } from '../support/start-test-engine.ts'

export interface ThroughHallpass {
  /** Address of the upstream as Hallpass passes it through, with a token that the proxy in between adds. */
  url: string
  close(): Promise<void>
}

/** Hallpass in front of an MCP server, in pass-through mode, behind a proxy that adds what the suite cannot: a token. */
export async function startThroughHallpass(upstream: string): Promise<ThroughHallpass> {
  const engine = await startTestEngine({ sample: false })
  const { owner } = engine
  await owner.projects.create({ name: 'through' })
  await owner.connections.create({ name: 'fixture', project: 'through', config: { kind: 'mcp', url: upstream } })
  await owner.projects.update({ name: 'through', pass_through: 'fixture' })
  const { secret } = await owner.tokens.create({
    project: 'through',
    name: 'suite',
    kind: 'access',
    clone: true,
    rate: 'none',
  })
  const proxy = await startInjectingProxy(new URL(`${engine.url}/projects/through/mcp`), secret ?? '')
  // The suite also simulates a page of the server's own origin. Hallpass allows only pages that its owner named.
  await owner.settings.update({
    allowed_origins: [new URL(proxy.url).origin, new URL(proxy.url).origin.replace('127.0.0.1', 'localhost')],
  })
  return {
    url: proxy.url,
    async close() {
      await proxy.close()
      await engine[Symbol.asyncDispose]()
    },
  }
}

/** Forwards everything unchanged, except that it replaces its own address with the target's and adds the token. */
async function startInjectingProxy(target: URL, token: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    const own = new Set([`127.0.0.1:${port()}`, `localhost:${port()}`])
    const { host = '', ...headers } = incoming.headers
    const sent = { ...headers, host: own.has(host) ? target.host : host, authorization: `Bearer ${token}` }
    const path = (incoming.url ?? '/').replace(/^\/mcp/, target.pathname)
    const forwarded = request(
      { host: target.hostname, port: target.port, path, method: incoming.method, headers: sent },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        outgoing.flushHeaders()
        answer.pipe(outgoing)
      },
    )
    forwarded.on('error', () => outgoing.destroy())
    outgoing.on('close', () => forwarded.destroy())
    incoming.pipe(forwarded)
  })
  const port = (): number => (server.address() as AddressInfo).port
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${port()}/mcp`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
