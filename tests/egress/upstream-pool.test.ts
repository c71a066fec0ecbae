import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { parseBaseAddress } from '../../src/engine/egress/base-address.ts'
import { createUpstreamPool, unusedProxyHint, type DialOptions } from '../../src/engine/egress/upstream-pool.ts'
import { SELF_SIGNED } from '../http-apis/support/self-signed.ts'
import { startHttpUpstream } from '../http-apis/support/start-http-upstream.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

/** A forward proxy: takes whole URLs, and tunnels CONNECT to `target` whatever host was named. */
async function startProxy(target: () => number, status = 200) {
  const seen: { method: string; url: string; headers: Record<string, unknown> }[] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers })
    response.end('from the proxy')
  })
  server.on('connection', (socket) => void sockets.add(socket))
  server.on('connect', (request, socket: Socket) => {
    seen.push({ method: 'CONNECT', url: request.url ?? '', headers: request.headers })
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const through = connect(target(), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(through).pipe(socket)
    })
    sockets.add(through)
    for (const one of [socket, through]) one.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  open.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { seen, port, url: `http://user:p%40w@127.0.0.1:${port}` }
}

async function poolFor(url: string, dial: DialOptions, ownPort: number | null = null) {
  const rules = { pinned: false, plainHttp: false, ownPort: () => ownPort }
  const pool = await createUpstreamPool(
    parseBaseAddress(url),
    rules,
    { connectTimeoutMs: 2_000, ...dial },
    { connections: 1 },
  )
  open.push(() => pool.destroy())
  return pool
}

const ask = async (pool: Awaited<ReturnType<typeof poolFor>>) => {
  const reply = await pool.request({ method: 'GET', path: '/v1/x?a=1', headers: { authorization: 'Bearer k' } })
  return { status: reply.statusCode, text: await reply.body.text() }
}

describe('an upstream behind the system’s proxy', () => {
  it('is rejected if it is a literal metadata address, or if the proxy is Hallpass', async () => {
    const proxy = await startProxy(() => 0)
    const env = { HTTP_PROXY: proxy.url }
    await expect(poolFor('http://0.0.0.0', { proxy: 'system', env })).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' })
    await expect(poolFor('http://api.corp', { proxy: 'system', env }, proxy.port)).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
    })
    expect(proxy.seen).toEqual([])
  })

  it("gets plain http as a full URL, with the proxy's own credentials for the proxy alone", async () => {
    const proxy = await startProxy(() => 0)
    const pool = await poolFor('http://api.corp.invalid/v1', { proxy: 'system', env: { HTTP_PROXY: proxy.url } })
    expect(await ask(pool)).toEqual({ status: 200, text: 'from the proxy' })
    expect(proxy.seen[0]).toMatchObject({
      url: 'http://api.corp.invalid/v1/x?a=1',
      headers: {
        host: 'api.corp.invalid',
        authorization: 'Bearer k',
        'proxy-authorization': `Basic ${Buffer.from('user:p@w').toString('base64')}`,
      },
    })
  })

  it('gets https in a tunnel, in which the proxy sees no header and the certificate is verified', async () => {
    const upstream = await startHttpUpstream({ tls: SELF_SIGNED })
    open.push(() => upstream[Symbol.asyncDispose]())
    const proxy = await startProxy(() => upstream.port)
    const env = { HTTPS_PROXY: proxy.url }
    const pool = await poolFor('https://stays.test', { proxy: 'system', env, ca: SELF_SIGNED.cert })
    expect((await ask(pool)).status).toBe(200)
    expect(proxy.seen).toMatchObject([{ method: 'CONNECT', url: 'stays.test:443' }])
    expect(proxy.seen[0]?.headers).not.toHaveProperty('authorization')
    expect(upstream.seen[0]?.headers).not.toHaveProperty('proxy-authorization')
    const stranger = await poolFor('https://other.corp.invalid', { proxy: 'system', env, ca: SELF_SIGNED.cert })
    await expect(ask(stranger)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  it('is reported if the proxy rejects it', async () => {
    const proxy = await startProxy(() => 0, 407)
    const pool = await poolFor('https://api.corp.invalid', { proxy: 'system', env: { HTTPS_PROXY: proxy.url } })
    await expect(ask(pool)).rejects.toMatchObject({ code: 'UPSTREAM_ERROR', message: expect.stringContaining('407') })
  })

  it('has its proxy mentioned in errors where it could help', () => {
    const base = parseBaseAddress('https://api.corp')
    const env = { HTTPS_PROXY: 'http://proxy.corp:3128' }
    expect(unusedProxyHint(base, { env })).toContain('--proxy system')
    expect(unusedProxyHint(base, { env, proxy: 'system' })).toBe('')
    expect(unusedProxyHint(base, { env: {} })).toBe('')
  })
})
