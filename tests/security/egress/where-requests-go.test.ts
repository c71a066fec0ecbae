import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Resolve } from '../../../src/engine/egress/dial-guard.ts'
import { dialProblem } from '../../../src/engine/egress/dial-guard.ts'
import { joinTarget, parseBaseAddress } from '../../../src/engine/egress/base-address.ts'
import { SELF_SIGNED } from '../../http-apis/support/self-signed.ts'
import { SECRET, startHttpApiRig, type HttpApiRig } from '../../http-apis/support/start-http-api-rig.ts'
import { startHttpUpstream, type TestUpstream } from '../../http-apis/support/start-http-upstream.ts'
import { rawRequest, requestText } from '../../http/support/raw-request.ts'
import { expectGoodRequest } from './support/good-request.ts'
import { repeats } from '../../support/repeats.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})
const kept = <T extends AsyncDisposable>(one: T): T => {
  open.push(one)
  return one
}

/** A resolver with fixed answers. */
const names =
  (known: Record<string, string | string[]>): Resolve =>
  (hostname, found) => {
    const addresses = [known[hostname] ?? []].flat()
    if (addresses.length === 0) return found(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), [])
    return found(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }

async function errorOf(reply: Response): Promise<{ status: number; code: string; error: string }> {
  const body = (await reply.json()) as { code: string; error: string }
  return { status: reply.status, ...body }
}

describe('the path of a forwarded request', () => {
  it.each([
    '/../outside',
    '/a/../../outside',
    '/%2e%2e/outside',
    '/%2E%2e%2foutside',
    '/..%2foutside',
    '/..\\outside',
    '/..%5coutside',
    '/..%20/outside',
    '/.../outside',
    '/%20../outside',
    '//CANARY/x',
    '/\\CANARY/x',
    '/%2f%2fCANARY/x',
    '/a//b',
    '/./x',
    '/..;/outside',
    '/%00',
    '/a%0d%0aX-Evil:%201',
    '/a%250d%250a',
    '/%252e%252e/outside',
    '/a%zz',
  ])('%s is never sent', async (trick) => {
    const canary = kept(await startHttpUpstream())
    const upstream = kept(await startHttpUpstream())
    const rig = kept(await startHttpApiRig({ url: `${upstream.url}/v2`, auth: { type: 'bearer' } }))
    const path = trick.replace('CANARY', `127.0.0.1:${canary.port}`)
    const reply = await rawRequest(
      rig.port,
      requestText(`GET /api/v1/http/api${path} HTTP/1.1`, [
        `Host: 127.0.0.1:${rig.port}`,
        `Authorization: Bearer ${rig.session}`,
      ]),
    )
    expect([400, 404]).toContain(reply.status)
    expect(upstream.seen).toEqual([])
    expect(canary.seen).toEqual([])
    expect(reply.text).not.toContain(SECRET)
    await expectGoodRequest(rig, upstream)
  })

  it.each(['/@CANARY/x', '/:80', '/http:CANARY', '/;x=1', '/a@b:c'])(
    '%s stays below the base address',
    async (trick) => {
      const canary = kept(await startHttpUpstream())
      const upstream = kept(await startHttpUpstream())
      const rig = kept(await startHttpApiRig({ url: upstream.url, auth: { type: 'bearer' } }))
      const path = trick.replace('CANARY', `127.0.0.1:${canary.port}`)
      const reply = await rawRequest(
        rig.port,
        requestText(`GET /api/v1/http/api${path} HTTP/1.1`, [
          `Host: 127.0.0.1:${rig.port}`,
          `Authorization: Bearer ${rig.session}`,
        ]),
      )
      expect(reply.status).toBe(200)
      expect(upstream.seen.map((one) => one.url)).toEqual([path])
      expect(canary.seen).toEqual([])
      await expectGoodRequest(rig, upstream)
    },
  )

  it('never leaves the base address, whatever it is', () => {
    const base = parseBaseAddress('https://api.example.com:8443/v2')
    const piece = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '\\',
        '%2e',
        '%2f',
        '%5c',
        '@',
        ':',
        '//',
        '?',
        '#',
        ';',
        '%00',
        '%0d%0a',
        'http:',
        'evil.example',
        '[::1]',
        ' ',
        '\t',
        '%',
      ),
      fc.string({ maxLength: 8 }),
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }).map((parts) => `/${parts.join('')}`),
        fc.string({ maxLength: 20 }),
        (path, search) => {
          const target = joinTarget(base, path, search)
          if (target === null) return
          const url = new URL(base.origin + target)
          expect(url.origin).toBe('https://api.example.com:8443')
          expect(url.pathname === '/v2' || url.pathname.startsWith('/v2/')).toBe(true)
          expect(url.pathname).toBe(target.split('?', 1)[0])
        },
      ),
      { numRuns: repeats(1_000, 3_000) },
    )
  })

  it('is rejected with a websocket upgrade, and forwarded without any other', async () => {
    const upstream = kept(await startHttpUpstream())
    const rig = kept(await startHttpApiRig({ url: upstream.url, auth: { type: 'bearer' } }))
    const send = (upgrade: string[]) =>
      rawRequest(
        rig.port,
        requestText('GET /api/v1/http/api/x HTTP/1.1', [
          `Host: 127.0.0.1:${rig.port}`,
          `Authorization: Bearer ${rig.session}`,
          ...upgrade,
        ]),
      )
    const refused = await send([
      'Upgrade: WebSocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ])
    expect(refused).toMatchObject({ status: 400, body: expect.stringContaining("WebSocket isn't supported") })
    expect(upstream.seen).toEqual([])
    expect((await send(['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'])).status).toBe(200)
    expect(upstream.seen[0]?.headers).not.toHaveProperty('upgrade')
    await expectGoodRequest(rig, upstream)
  })
})

describe('a redirect', () => {
  const ways = [
    ['bearer', { type: 'bearer' }],
    ['basic', { type: 'basic', username: 'user' }],
    ['header', { type: 'header', name: 'X-API-Key' }],
    ['query', { type: 'query', name: 'api_key' }],
  ] as const
  for (const [name, auth] of ways) {
    it.each([301, 302, 303, 307, 308])(`is passed to the caller and not followed: ${name}, %i`, async (status) => {
      const canary = kept(await startHttpUpstream())
      const upstream = kept(await startHttpUpstream())
      const rig = kept(await startHttpApiRig({ url: upstream.url, auth }))
      upstream.answer = (request, response) => {
        response.writeHead(status, { location: `${canary.url}/steal?from=${request.url ?? ''}` })
        response.end()
      }
      for (const method of ['GET', 'POST']) {
        const reply = await rig.ask('/x?a=1', { method })
        expect(reply.status).toBe(status)
        expect(reply.headers.get('location')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/steal\?from=\/x\?a=1/)
        const told = JSON.stringify([...reply.headers])
        expect(told).not.toContain(SECRET)
        expect(told).not.toContain(encodeURIComponent(SECRET))
      }
      expect(canary.seen).toEqual([])
      await expectGoodRequest(rig, upstream)
    })
  }
})

describe('the address that is dialed', () => {
  const judged = async (
    known: Record<string, string | string[]>,
    options: { pinned?: boolean; host?: string } = {},
  ): Promise<{ rig: HttpApiRig; upstream: TestUpstream; reply: Response }> => {
    const upstream = kept(await startHttpUpstream())
    const rig = kept(
      await startHttpApiRig(
        {
          url: `http://${options.host ?? 'api.example'}:${upstream.port}`,
          auth: { type: 'bearer' },
          ...(options.pinned === true ? { pinned: true } : {}),
        },
        { resolve: names(known) },
      ),
    )
    return { rig, upstream, reply: await rig.ask('/x') }
  }

  it.each([
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '192.168.1.1',
    '172.16.0.1',
    '100.64.0.1',
    'fc00::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ])('is rejected when a public name leads to %s', async (address) => {
    const { reply, upstream } = await judged({ 'api.example': address })
    expect(await errorOf(reply)).toMatchObject({
      status: 502,
      code: 'UPSTREAM_ERROR',
      error: expect.stringContaining('private network'),
    })
    expect(upstream.seen).toEqual([])
  })

  it.each([
    '169.254.169.254',
    'fe80::1',
    '::ffff:169.254.169.254',
    'fd00:ec2::254',
    '100.100.100.200',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    '255.255.255.255',
  ])('is rejected when a name leads to %s, also for a pinned one', async (address) => {
    const { reply, upstream } = await judged({ 'api.example': address }, { pinned: true })
    expect(await errorOf(reply)).toMatchObject({
      status: 502,
      error: expect.stringMatching(/allowed for a host name|metadata service/),
    })
    expect(upstream.seen).toEqual([])
  })

  it('is checked for each connection, so a name that resolves elsewhere later is rejected', async () => {
    const upstream = kept(await startHttpUpstream())
    const known: Record<string, string> = { 'api.example': '127.0.0.1' }
    const rig = kept(
      await startHttpApiRig(
        { url: `http://api.example:${upstream.port}`, auth: { type: 'bearer' }, pinned: true },
        { resolve: (host, found) => names(known)(host, found) },
      ),
    )
    upstream.answer = (_request, response) => response.writeHead(200, { connection: 'close' }).end()
    expect((await rig.ask('/first')).status).toBe(200)
    known['api.example'] = '169.254.169.254'
    expect((await errorOf(await rig.ask('/second'))).status).toBe(502)
    expect(upstream.seen.map((one) => one.url)).toEqual(['/first'])
    known['api.example'] = '127.0.0.1'
    await expectGoodRequest(rig, upstream)
  })

  it('is one of the allowed ones if a name resolves to several', async () => {
    const { reply } = await judged({ 'api.example': ['169.254.169.254', '127.0.0.1'] }, { pinned: true })
    expect(reply.status).toBe(200)
  })

  it('is this computer or nothing for localhost', async () => {
    expect(
      (await errorOf((await judged({ localhost: '10.0.0.1' }, { host: 'localhost', pinned: true })).reply)).error,
    ).toContain("isn't this computer")
    expect((await judged({ localhost: '127.0.0.1' }, { host: 'localhost' })).reply.status).toBe(200)
  })

  it("is never Hallpass's own, under any name", async () => {
    const rules = { pinned: true, plainHttp: true, ownPort: () => 7717 }
    for (const host of [
      '127.0.0.1',
      '127.0.0.2',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0.0.0.0',
      'api.example',
    ]) {
      const base = parseBaseAddress(`http://${host}:7717`)
      const address = host === 'localhost' || host === 'api.example' ? '127.0.0.1' : base.hostname
      expect(dialProblem(base, address, rules), host).toContain('Hallpass itself')
    }
    const upstream = kept(await startHttpUpstream())
    const rig = kept(await startHttpApiRig({ url: upstream.url, auth: { type: 'bearer' } }))
    rig.store.write.createConnection({
      name: 'loop',
      kind: 'http',
      config: { url: rig.url, auth: { type: 'none' } },
      secret_location: null,
      secret_account: 'b',
      created_at: 0,
    })
    rig.store.write.include(1, rig.store.read.connection('loop')?.id ?? 0)
    const token =
      (await rig.access.createToken({ project: 'demo', name: 'loop', kind: 'access', clone: true })).secret ?? ''
    const { token: session } = rig.access.mintSession(rig.access.identify(token), {
      connection: 'loop',
      permissions: ['read'],
    })
    const reply = await fetch(`${rig.url}/api/v1/http/loop/healthz`, {
      headers: { authorization: `Bearer ${session}` },
    })
    expect((await errorOf(reply)).error).toContain('Hallpass itself')
    await expectGoodRequest(rig, upstream)
  })

  it('can be private if the owner typed it, or pinned its name', async () => {
    const upstream = kept(await startHttpUpstream())
    const rig = kept(await startHttpApiRig({ url: upstream.url, auth: { type: 'bearer' } }))
    expect((await rig.ask('/x')).status).toBe(200)
    expect((await judged({ 'api.example': '127.0.0.1' }, { pinned: true })).reply.status).toBe(200)
  })
})

describe('TLS', () => {
  it.each([
    ['an untrusted certificate', {}, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['a certificate for another name', { ca: SELF_SIGNED.cert }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('reports %s, and does not send the key', async (_, more, code) => {
    const upstream = kept(await startHttpUpstream({ tls: SELF_SIGNED }))
    const rig = kept(await startHttpApiRig({ url: upstream.url, auth: { type: 'bearer' } }, more))
    expect(await errorOf(await rig.ask('/x'))).toMatchObject({
      status: 502,
      code: 'UPSTREAM_ERROR',
      error: expect.stringContaining(code),
    })
    expect(upstream.seen).toEqual([])
  })

  it('reports a plain server, and a plain request to a TLS server', async () => {
    const plain = kept(await startHttpUpstream())
    const tls = kept(await startHttpUpstream({ tls: SELF_SIGNED }))
    const first = kept(await startHttpApiRig({ url: plain.url.replace('http:', 'https:'), auth: { type: 'bearer' } }))
    const second = kept(await startHttpApiRig({ url: tls.url.replace('https:', 'http:'), auth: { type: 'bearer' } }))
    expect((await errorOf(await first.ask('/x'))).error).toMatch(/TLS connection|invalid HTTP response/)
    expect((await errorOf(await second.ask('/x'))).status).toBe(502)
    expect(plain.heard() + tls.heard()).not.toContain(SECRET)
  })

  it('carries the request, by the name in the certificate', async () => {
    const upstream = kept(await startHttpUpstream({ tls: SELF_SIGNED }))
    const rig = kept(
      await startHttpApiRig(
        { url: `https://stays.test:${upstream.port}`, auth: { type: 'bearer' }, pinned: true },
        { ca: SELF_SIGNED.cert, resolve: names({ 'stays.test': '127.0.0.1' }) },
      ),
    )
    await expectGoodRequest(rig, upstream)
  })
})

describe('a request whose connection breaks', () => {
  it('is sent once when it is not idempotent, and says that it may have been carried out', async () => {
    const upstream = kept(await startHttpUpstream())
    const rig = kept(await startHttpApiRig({ url: upstream.url, auth: { type: 'bearer' } }))
    upstream.answer = (request) => request.socket.destroy()
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      upstream.seen.length = 0
      const error = await errorOf(await rig.ask('/x', { method, ...(method === 'DELETE' ? {} : { body: 'x' }) }))
      expect(error).toMatchObject({
        status: 502,
        code: 'UPSTREAM_ERROR',
        error: expect.stringContaining('may have succeeded'),
      })
      expect(upstream.seen).toHaveLength(1)
    }
    upstream.answer = (_request, response) => response.end()
    await expectGoodRequest(rig, upstream)
  })

  it('is repeated once if it only reads and the connection had just been closed', async () => {
    const upstream = kept(await startHttpUpstream())
    const rig = kept(await startHttpApiRig({ url: upstream.url, auth: { type: 'bearer' } }))
    let broken = 1
    upstream.answer = (request, response) => {
      if (broken > 0) {
        broken -= 1
        return void request.socket.destroy()
      }
      response.end('read')
    }
    expect(await (await rig.ask('/x')).text()).toBe('read')
    broken = 99
    expect((await rig.ask('/x')).status).toBe(502)
    expect(upstream.seen).toHaveLength(4)
    broken = 0
    await expectGoodRequest(rig, upstream)
  })
})
