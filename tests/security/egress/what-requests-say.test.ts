import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { SECRET, startHttpApiRig } from '../../http-apis/support/start-http-api-rig.ts'
import { startHttpUpstream } from '../../http-apis/support/start-http-upstream.ts'
import { rawRequest, requestText } from '../../http/support/raw-request.ts'
import { expectGoodRequest } from './support/good-request.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})
const kept = <T extends AsyncDisposable>(one: T): T => {
  open.push(one)
  return one
}

async function rigWith(auth: Parameters<typeof startHttpApiRig>[0]['auth'] = { type: 'bearer' }, more: object = {}) {
  const upstream = kept(await startHttpUpstream())
  const rig = kept(await startHttpApiRig({ url: upstream.url, ...(auth === undefined ? {} : { auth }), ...more }))
  return {
    upstream,
    rig,
    send: (lines: string[], target = '/x', method = 'GET', body = '') =>
      rawRequest(
        rig.port,
        requestText(
          `${method} /api/v1/http/api${target} HTTP/1.1`,
          [`Host: 127.0.0.1:${rig.port}`, `Authorization: Bearer ${rig.session}`, ...lines],
          body,
        ),
      ),
  }
}

const FORMS: [string, string][] = [
  ['as it is', SECRET],
  ['percent-encoded', encodeURIComponent(SECRET)],
  [
    'percent-encoded in lower case',
    encodeURIComponent(SECRET).replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ],
  ['in base64', Buffer.from(SECRET).toString('base64')],
  ['in base64 within other text', Buffer.from(`x:${SECRET}`).toString('base64')],
  ['in base64url', Buffer.from(`user:${SECRET}`).toString('base64url')],
  ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
  ['JSON-escaped', SECRET.replaceAll('/', '\\/')],
]
/** What of a form depends on the secret alone; the ends of a base64 text hold neighbours. */
const coreOf = (form: string): string => form.slice(4, -6)

describe('what a caller sends', () => {
  it('about itself, its message or another method is removed', async () => {
    const { upstream, rig, send } = await rigWith()
    const reply = await send([
      'Cookie: session=canary-caller',
      'Cookie2: canary-caller',
      'Proxy-Authorization: Basic canary-caller',
      'X-HTTP-Method-Override: DELETE',
      'X-HTTP-Method: DELETE',
      'X-Method-Override: DELETE',
      'Forwarded: for=canary-caller',
      'X-Forwarded-For: canary-caller',
      'X-Forwarded-Host: canary-caller',
      'X-Forwarded-Anything: canary-caller',
      'X_Forwarded_For: canary-caller',
      'X_HTTP_METHOD_OVERRIDE: DELETE',
      'Via: 1.1 canary-caller',
      'X-Real-IP: canary-caller',
      'X-Original-URL: /canary-caller',
      'X-Rewrite-URL: /canary-caller',
      'TE: trailers',
      'Keep-Alive: timeout=canary-caller',
      'Sec-Fetch-Site: canary-caller',
      'Referer: http://canary-caller',
      'X-Hop: canary-caller',
      'Connection: X-Hop',
      'Range: bytes=0-1',
    ])
    expect(reply.status).toBe(200)
    expect(upstream.heard()).not.toContain('canary-caller')
    expect(upstream.heard()).not.toContain('DELETE')
    expect(upstream.heard()).not.toContain(rig.session)
    expect(upstream.seen[0]?.headers).toMatchObject({
      host: `127.0.0.1:${upstream.port}`,
      authorization: `Bearer ${SECRET}`,
      'accept-encoding': 'identity',
    })
    expect(upstream.seen[0]?.headers).not.toHaveProperty('range')
    await expectGoodRequest(rig, upstream)
  })

  it.each([
    [{ type: 'header', name: 'X-API-Key' } as const, ['X-API-Key: canary-caller', 'x-api-key: canary-caller'], '/x'],
    [
      { type: 'query', name: 'api_key' } as const,
      [],
      '/x?api_key=canary-caller&a=1&api%5Fkey=canary-caller&b=2;api_key=canary-caller',
    ],
  ])('in place of the key is replaced by the key', async (auth, lines, target) => {
    const { upstream, rig, send } = await rigWith(auth)
    expect((await send(lines, target)).status).toBe(200)
    expect(upstream.heard()).not.toContain('canary-caller')
    const [seen] = upstream.seen
    if (auth.type === 'query') expect(seen?.url).toBe(`/x?a=1&api_key=${encodeURIComponent(SECRET)}`)
    else expect(seen?.rawHeaders.filter((one) => one.toLowerCase() === 'x-api-key')).toHaveLength(1)
    await expectGoodRequest(rig, upstream)
  })

  it.each([
    '_method=DELETE',
    'a=1&_METHOD=PUT',
    'x-http-method-override=DELETE',
    '%5Fmethod=DELETE',
    'a=1;_method=DELETE',
  ])('as another method in the query (%s) is rejected', async (search) => {
    const { upstream, rig, send } = await rigWith()
    expect(await send([], `/x?${search}`)).toMatchObject({
      status: 400,
      body: expect.stringContaining('INVALID_REQUEST'),
    })
    expect(upstream.seen).toEqual([])
    await expectGoodRequest(rig, upstream)
  })

  it.each([
    ['Content-Length: 3\r\nTransfer-Encoding: chunked'],
    ['Content-Length: 3\r\nContent-Length: 4'],
    ['Transfer-Encoding: chunked, identity'],
  ])('as a message of two lengths (%j) is not sent', async (lines) => {
    const { upstream, rig, send } = await rigWith()
    expect((await send([lines], '/x', 'POST', 'abc')).status).toBe(400)
    expect(upstream.seen).toEqual([])
    await expectGoodRequest(rig, upstream)
  })

  it('is forwarded if it belongs to the request', async () => {
    const { upstream, rig, send } = await rigWith()
    await send(
      [
        'Accept: text/csv',
        'Content-Type: application/xml',
        'If-None-Match: "a"',
        'Idempotency-Key: 7',
        'X-Custom: yes',
        'Content-Length: 4',
      ],
      '/x?q=a%20b&q=c',
      'PUT',
      '<a/>',
    )
    expect(upstream.seen[0]).toMatchObject({
      method: 'PUT',
      url: '/x?q=a%20b&q=c',
      body: '<a/>',
      headers: {
        accept: 'text/csv',
        'content-type': 'application/xml',
        'if-none-match': '"a"',
        'idempotency-key': '7',
        'x-custom': 'yes',
        'content-length': '4',
      },
    })
    await expectGoodRequest(rig, upstream)
  })
})

describe('a key that the upstream echoes', () => {
  it.each(FORMS)('is masked in its body %s', async (_, form) => {
    const { upstream, rig } = await rigWith()
    upstream.answer = (_request, response) => response.end(`{"you_sent":"${form}","and":"kept"}`)
    const reply = await rig.ask('/x')
    const text = await reply.text()
    expect(text).not.toContain(coreOf(form))
    expect(text).toContain('"and":"kept"')
    expect(text).toHaveLength(`{"you_sent":"${form}","and":"kept"}`.length)
    await expectGoodRequest(rig, upstream)
  })

  it.each(FORMS)('is masked in pieces of every size %s', async (_, form) => {
    const { upstream, rig } = await rigWith()
    for (const size of [1, 2, 3, 7, form.length - 1]) {
      upstream.answer = (_request, response) => {
        const whole = Buffer.from(`before ${form} after`)
        const next = (at: number): void => {
          if (at >= whole.length) return void response.end()
          response.write(whole.subarray(at, at + size), () => setImmediate(next, at + size))
        }
        next(0)
      }
      const text = await (await rig.ask('/x')).text()
      expect(text).not.toContain(coreOf(form))
      expect(text.startsWith('before ')).toBe(true)
      expect(text.endsWith(' after')).toBe(true)
    }
    await expectGoodRequest(rig, upstream)
  })

  it.each(FORMS)('is masked in headers, cookies and an error %s', async (_, form) => {
    const { upstream, rig } = await rigWith()
    upstream.answer = (_request, response) => {
      response.writeHead(500, `Failed for ${form}`, {
        'x-echo': `a ${form} b`,
        'set-cookie': `k=${form}`,
        'www-authenticate': `Bearer error="${form}"`,
        location: `/x?${form}`,
        link: `<${form}>`,
      })
      response.end(`Traceback: ${form}`)
    }
    const reply = await rawRequest(
      rig.port,
      requestText('GET /api/v1/http/api/x HTTP/1.1', [
        `Host: 127.0.0.1:${rig.port}`,
        `Authorization: Bearer ${rig.session}`,
      ]),
    )
    expect(reply.status).toBe(500)
    expect(reply.text).not.toContain(coreOf(form))
    expect(reply.headers).not.toHaveProperty('set-cookie')
    expect(JSON.stringify(rig.rows)).not.toContain(coreOf(form))
    await expectGoodRequest(rig, upstream)
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('is masked in a body compressed with %s against the request', async (encoding, compress) => {
    const { upstream, rig } = await rigWith()
    upstream.answer = (_request, response) => {
      const body = compress(Buffer.from(`before ${SECRET} after`.repeat(50)))
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': body.length })
      response.end(body)
    }
    const reply = await rig.ask('/x')
    const text = await reply.text()
    expect(reply.headers.get('content-encoding')).toBeNull()
    expect(text).toContain('before ')
    expect(text).not.toContain(SECRET)
    await expectGoodRequest(rig, upstream)
  })

  it.each([
    ['an unknown encoding', 'x-mine', 'abc'],
    ['two encodings', 'gzip, br', 'abc'],
    ['an encoding that the body does not have', 'gzip', SECRET],
  ])('behind %s is not passed on', async (_, encoding, body) => {
    const { upstream, rig } = await rigWith()
    upstream.answer = (_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding })
      response.end(body)
    }
    const text = await rig
      .ask('/x')
      .then((reply) => reply.text())
      .catch(String)
    expect(text).not.toContain(SECRET)
    await expectGoodRequest(rig, upstream)
  })

  it('is masked for each way of sending it', async () => {
    const ways = [
      [
        { type: 'basic', username: 'stay-user' } as const,
        [SECRET, Buffer.from(`stay-user:${SECRET}`).toString('base64'), `stay-user:${SECRET}`],
      ],
      [{ type: 'header', name: 'X-API-Key', prefix: 'Token' } as const, [SECRET, `Token ${SECRET}`]],
      [{ type: 'query', name: 'api_key' } as const, [SECRET, encodeURIComponent(SECRET)]],
    ] as const
    for (const [auth, forms] of ways) {
      const { upstream, rig } = await rigWith(auth)
      upstream.answer = (request, response) =>
        response.end(`${request.url ?? ''} ${JSON.stringify(request.headers)} ${forms.join(' ')}`)
      const text = await (await rig.ask('/x')).text()
      for (const form of forms) expect(text).not.toContain(form)
      expect(JSON.stringify(rig.rows)).not.toContain(SECRET)
      await expectGoodRequest(rig, upstream)
    }
  })

  it('never appears in an error of Hallpass, however the upstream fails', async () => {
    const { upstream, rig } = await rigWith({ type: 'query', name: 'api_key' }, { timeout_ms: 300 })
    const failures: ((socket: import('node:net').Socket) => void)[] = [
      (socket) => void socket.end(`HTTP/1.1 200 OK ${SECRET}\r\nContent-Length: nonsense ${SECRET}\r\n\r\n`),
      (socket) => void socket.end(`${SECRET} is no HTTP\r\n\r\n`),
      (socket) => void socket.end(`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(200_000)}\r\n\r\n`),
      (socket) => void socket.destroy(),
      () => undefined,
    ]
    for (const fail of failures) {
      upstream.answer = (request) => fail(request.socket)
      const reply = await rig.ask('/x')
      expect([502, 504]).toContain(reply.status)
      expect(await reply.text()).not.toContain(SECRET)
    }
    expect(JSON.stringify(rig.rows)).not.toContain(SECRET)
    await expectGoodRequest(rig, upstream)
  })
})

describe('what the upstream sends for browsers and caches', () => {
  it("is removed, and Hallpass's own values apply", async () => {
    const { upstream, rig } = await rigWith()
    upstream.answer = (_request, response) => {
      response.writeHead(200, {
        'access-control-allow-origin': '*',
        'access-control-allow-credentials': 'true',
        'set-cookie': ['a=1', 'b=2'],
        'x-request-id': 'theirs',
        'x-ratelimit-limit': '1',
        'ratelimit-policy': 'theirs',
        'cache-control': 'public, max-age=999',
        'strict-transport-security': 'max-age=1',
        'alt-svc': 'h3=":1"',
        'clear-site-data': '"*"',
        'keep-alive': 'timeout=1',
        connection: 'x-private',
        'x-private': 'canary',
        etag: '"7"',
        'x-total': '3',
      })
      response.end('{}')
    }
    const { headers } = await rig.ask('/x')
    for (const name of [
      'access-control-allow-origin',
      'access-control-allow-credentials',
      'set-cookie',
      'strict-transport-security',
      'alt-svc',
      'clear-site-data',
      'x-private',
      'x-ratelimit-limit',
    ])
      expect(headers.get(name)).toBeNull()
    expect(headers.get('x-request-id')).not.toBe('theirs')
    expect(headers.get('cache-control')).toBe('no-store')
    expect([headers.get('etag'), headers.get('x-total')]).toEqual(['"7"', '3'])
    await expectGoodRequest(rig, upstream)
  })
})
