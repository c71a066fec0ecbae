import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { rawRequest, requestText, type RawReply } from './support/raw-request.ts'
import { startHttpRig, type HttpRig } from './support/start-http-rig.ts'

const LIMIT = 2_000
const ORIGIN = 'https://tool.example'

type Auth = 'none' | 'access' | 'session' | 'either'
interface Case {
  method: string
  path: string
  auth: Auth
  allow: string
  body?: string
  ok: number
  wrong: string
  limited: boolean
}

const ROUTES: Case[] = [
  { method: 'GET', path: '/healthz', auth: 'none', allow: 'GET, HEAD', ok: 200, wrong: 'POST', limited: false },
  { method: 'GET', path: '/readyz', auth: 'none', allow: 'GET, HEAD', ok: 200, wrong: 'DELETE', limited: false },
  { method: 'GET', path: '/openapi.json', auth: 'none', allow: 'GET, HEAD', ok: 200, wrong: 'PUT', limited: false },
  {
    method: 'GET',
    path: '/api/v1/proxy',
    auth: 'none',
    allow: 'GET, HEAD, POST',
    ok: 200,
    wrong: 'PUT',
    limited: true,
  },
  {
    method: 'POST',
    path: '/api/v1/proxy',
    auth: 'session',
    allow: 'GET, HEAD, POST',
    body: '{"method":"list_tables"}',
    ok: 200,
    wrong: 'PATCH',
    limited: true,
  },
  {
    method: 'POST',
    path: '/api/v1/sessions',
    auth: 'access',
    allow: 'POST',
    body: '{"document":"sales","permissions":["read"]}',
    ok: 200,
    wrong: 'GET',
    limited: true,
  },
  {
    method: 'DELETE',
    path: '/api/v1/sessions/current',
    auth: 'session',
    allow: 'DELETE',
    ok: 200,
    wrong: 'GET',
    limited: true,
  },
  {
    method: 'GET',
    path: '/api/v1/tokens/introspect',
    auth: 'either',
    allow: 'GET, HEAD',
    ok: 200,
    wrong: 'POST',
    limited: true,
  },
  {
    method: 'GET',
    path: '/api/v1/http/sales/v1/x',
    auth: 'session',
    allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    ok: 400,
    wrong: 'TRACE',
    limited: true,
  },
  {
    method: 'POST',
    path: '/projects/demo/mcp',
    auth: 'access',
    allow: 'GET, HEAD, POST, DELETE',
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    ok: 200,
    wrong: 'PUT',
    limited: true,
  },
  {
    method: 'GET',
    path: '/projects/demo/mcp',
    auth: 'access',
    allow: 'GET, HEAD, POST, DELETE',
    ok: 200,
    wrong: 'OPTIONS',
    limited: true,
  },
  {
    method: 'DELETE',
    path: '/projects/demo/mcp',
    auth: 'access',
    allow: 'GET, HEAD, POST, DELETE',
    ok: 200,
    wrong: 'PATCH',
    limited: true,
  },
]

describe.each(ROUTES)('$method $path', (route) => {
  let rig: HttpRig
  beforeAll(async () => {
    rig = await startHttpRig({ limits: { bodyBytes: LIMIT, lingerMs: 200 }, allowedOrigins: [ORIGIN] })
  })
  afterAll(() => rig[Symbol.asyncDispose]())

  function goodToken(): string | null {
    if (route.auth === 'none') return null
    return route.auth === 'session' ? rig.mint().token : rig.accessToken
  }
  function send(
    change: {
      line?: string
      host?: string[]
      token?: string | null
      headers?: string[]
      body?: string
      type?: string
    } = {},
  ): Promise<RawReply> {
    const token = change.token === undefined ? goodToken() : change.token
    const body = change.body ?? route.body ?? ''
    return rawRequest(
      rig.port,
      requestText(
        change.line ?? `${route.method} ${route.path} HTTP/1.1`,
        [
          ...(change.host ?? [`Host: 127.0.0.1:${rig.port}`]),
          ...(token === null ? [] : [`Authorization: Bearer ${token}`]),
          ...(body === ''
            ? []
            : [`Content-Type: ${change.type ?? 'application/json'}`, `Content-Length: ${Buffer.byteLength(body)}`]),
          ...(change.headers ?? []),
        ],
        body,
      ),
    )
  }
  function expectRefusal(reply: RawReply, status: number, code: string, limited = route.limited): void {
    expect({ status: reply.status, code: (JSON.parse(reply.body) as { code: string }).code }).toEqual({ status, code })
    const body = JSON.parse(reply.body) as Record<string, unknown>
    expect(Object.keys(body).toSorted()).toEqual(['code', 'error', 'request_id', 'success'])
    expect(body['success']).toBe(false)
    expect(body['request_id']).toBe(reply.headers['x-request-id'])
    expectCommonHeaders(reply, limited)
    expect(reply.headers['www-authenticate'] !== undefined).toBe(status === 401)
    expect(reply.headers['retry-after'] !== undefined).toBe(status === 429)
  }
  function expectCommonHeaders(reply: RawReply, limited = route.limited): void {
    expect(reply.headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{1,128}$/)
    expect(reply.headers['x-content-type-options']).toBe('nosniff')
    expect(reply.headers['cache-control']).toBe('no-store')
    expect(reply.headers['content-type']).toMatch(/^application\/json/)
    if (!limited) return
    expect(reply.headers['x-ratelimit-limit']).toMatch(/^\d+$/)
    expect(reply.headers['x-ratelimit-remaining']).toMatch(/^\d+$/)
    expect(reply.headers['x-ratelimit-reset']).toMatch(/^\d{10}$/)
    expect(reply.headers['ratelimit']).toMatch(/^"\w+";r=\d+;t=\d+$/)
    expect(reply.headers['ratelimit-policy']).toMatch(/^"\w+";q=\d+;w=\d+$/)
  }
  afterEach(async () => {
    const reply = await send()
    expect(reply.status).toBe(route.ok)
    expectCommonHeaders(reply)
  })

  test.each([
    ['unknown', (path: string) => `${path}x`],
    ['doubled slash', (path: string) => `/${path}`],
    ['trailing slash', (path: string) => `${path}//`],
    ['dot segments', (path: string) => `/x/..${path}`],
    ['encoded slash', (path: string) => path.replace(/.(\/|$)/, '%2f$1')],
    ['encoded dots', (path: string) => `/%2e%2e${path}`],
    ['backslash', (path: string) => `/x\\..${path}`],
    ['NUL', (path: string) => `${path}%00`],
    ['upper case', (path: string) => path.toUpperCase()],
    ['absolute form', (path: string) => `http://127.0.0.1${path}`],
  ])('a path with %s is unknown to every caller', async (_, change) => {
    if (route.path.startsWith('/api/v1/http') && _ === 'unknown') return
    const path = change(route.path)
    const limited = path.startsWith('/api/') || path.startsWith('/projects/')
    expectRefusal(
      await send({ line: `${route.method} ${path} HTTP/1.1`, token: null, host: ['Host: evil.example'] }),
      404,
      'NOT_FOUND',
      limited,
    )
  })

  test('another method gets 405 with Allow before Host and credentials are checked', async () => {
    const reply = await send({
      line: `${route.wrong} ${route.path} HTTP/1.1`,
      token: null,
      host: ['Host: evil.example'],
      body: '',
    })
    expect(reply.status).toBe(405)
    expect(reply.headers['allow']).toBe(route.allow)
    if (route.wrong !== 'HEAD') expectRefusal(reply, 405, 'METHOD_NOT_ALLOWED')
  })

  test.each([
    ['foreign', ['evil.example']],
    ['prefixed', ['localhost.evil.example:PORT']],
    ['suffixed', ['evil.localhost:PORT']],
    ['of another port', ['127.0.0.1:1']],
    ['without a port', ['127.0.0.1']],
    ['empty', ['']],
    ['doubled', ['127.0.0.1:PORT', 'evil.example']],
    ['given twice with the same value', ['127.0.0.1:PORT', '127.0.0.1:PORT']],
    ['with a user', ['a@127.0.0.1:PORT']],
  ])('a Host that is %s is rejected before the credentials are checked', async (_, hosts) => {
    const host = hosts.map((name) => `Host: ${name.replace('PORT', String(rig.port))}`)
    expectRefusal(await send({ host, token: null }), 403, 'FORBIDDEN_ORIGIN')
  })

  test.each([
    'https://evil.example',
    'null',
    'http://127.0.0.1:1',
    'OWN',
    `${ORIGIN}.evil.example`,
    `${ORIGIN}:8443`,
    '*',
    `${ORIGIN}, ${ORIGIN}`,
  ])('Origin %s is rejected', async (origin) => {
    const reply = await send({ headers: [`Origin: ${origin.replace('OWN', rig.url)}`], token: null })
    expectRefusal(reply, 403, 'FORBIDDEN_ORIGIN')
    expect(reply.headers['access-control-allow-origin']).toBeUndefined()
  })

  test.runIf(route.auth !== 'none')('no token, a malformed one, two tokens, or an ended one get 401', async () => {
    expectRefusal(await send({ token: null }), 401, 'INVALID_TOKEN')
    expectRefusal(await send({ token: null, headers: ['Authorization: Basic YTpi'] }), 401, 'INVALID_TOKEN')
    expectRefusal(await send({ token: null, headers: ['Authorization: Bearer'] }), 401, 'INVALID_TOKEN')
    expectRefusal(await send({ headers: ['Authorization: Bearer other'] }), 401, 'INVALID_TOKEN')
    const session = rig.mint()
    await rig.access.endSession(session.record.id)
    for (const bad of ['nonsense', `hp_pat_${'a'.repeat(49)}`, `sess_${'a'.repeat(43)}`, session.token]) {
      const reply = await send({ token: bad })
      if (route.auth === 'either') {
        expect(reply.status).toBe(200)
        expect(JSON.parse(reply.body)).toEqual({ active: false })
      } else expectRefusal(reply, 401, bad === session.token ? 'TOKEN_EXPIRED' : 'INVALID_TOKEN')
    }
  })

  test.runIf(route.auth === 'access' || route.auth === 'session')('a token of the other kind gets 403', async () => {
    expectRefusal(
      await send({ token: route.auth === 'access' ? rig.mint().token : rig.accessToken }),
      403,
      'UNAUTHORIZED',
    )
  })

  test.runIf(route.body !== undefined)(
    'a body over the limit gets 413, declared or chunked, even if it is also invalid',
    async () => {
      expectRefusal(await send({ body: 'x'.repeat(LIMIT + 1), type: 'text/plain' }), 413, 'PAYLOAD_TOO_LARGE')
      const chunked = `${(LIMIT + 1).toString(16)}\r\n${'x'.repeat(LIMIT + 1)}\r\n0\r\n\r\n`
      expectRefusal(
        await rawRequest(
          rig.port,
          requestText(
            `${route.method} ${route.path} HTTP/1.1`,
            [
              `Host: 127.0.0.1:${rig.port}`,
              `Authorization: Bearer ${goodToken()}`,
              'Content-Type: application/json',
              'Transfer-Encoding: chunked',
            ],
            chunked,
          ),
        ),
        413,
        'PAYLOAD_TOO_LARGE',
      )
    },
  )

  test.runIf(route.body !== undefined)('an invalid body gets 400', async () => {
    for (const body of ['{', 'x', '[{"jsonrpc":"2.0"}]', '{"a":'.repeat(65) + '1' + '}'.repeat(65), '"\xff"']) {
      if (body === '"\xff"' && route.path.endsWith('/mcp')) continue
      expectRefusal(await send({ body }), 400, 'INVALID_REQUEST')
    }
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=a',
      'application/json; charset=utf-16',
    ]) {
      expectRefusal(await send({ type }), 400, 'INVALID_REQUEST')
    }
    expectRefusal(await send({ headers: ['Content-Encoding: gzip'] }), 400, 'INVALID_REQUEST')
    expectRefusal(await send({ headers: ['Content-Type: text/plain'] }), 400, 'INVALID_REQUEST')
  })

  test.runIf(route.method === 'GET')('HEAD is treated like GET, and gets its headers without a body', async () => {
    const head = `HEAD ${route.path} HTTP/1.1`
    const facts = (reply: RawReply) => {
      const { date: _date, 'x-request-id': _id, 'transfer-encoding': _encoding, ...headers } = reply.headers
      // Each request takes one of the limit.
      for (const name of Object.keys(headers)) if (name.includes('ratelimit')) headers[name] = ''
      return { status: reply.status, headers }
    }
    for (const change of [
      {},
      { host: ['Host: evil.example'] },
      { token: null },
      { headers: ['Origin: https://evil.example'] },
    ]) {
      const [got, headed] = [await send(change), await send({ ...change, line: head })]
      expect(facts(headed)).toEqual(facts(got))
      expect(headed.body).toBe('')
    }
  })

  test("a caller's own request ID is used if it is valid in a header", async () => {
    expect((await send({ headers: ['X-Request-Id: my.id-1'] })).headers['x-request-id']).toBe('my.id-1')
    expect((await send({ headers: ['X-Request-Id: a b'] })).headers['x-request-id']).not.toBe('a b')
  })

  test.runIf(route.limited)('an allowed Origin gets its CORS headers on every response', async () => {
    const headers = [`Origin: ${ORIGIN}`]
    const replies = await Promise.all([
      send({ headers }),
      send({ headers, line: `GET ${route.path}/none/x HTTP/1.1` }),
      send({ headers, line: `${route.wrong} ${route.path} HTTP/1.1` }),
      send({ headers, token: null }),
      send({ headers, line: `OPTIONS ${route.path} HTTP/1.1`, token: null, body: '' }),
    ])
    for (const reply of replies) {
      expect(reply.headers['access-control-allow-origin']).toBe(ORIGIN)
      expect(reply.headers['vary']).toContain('Origin')
      expect(reply.headers['access-control-allow-credentials']).toBeUndefined()
    }
    const preflight = await send({
      headers: [...headers, 'Access-Control-Request-Method: POST'],
      line: `OPTIONS ${route.path} HTTP/1.1`,
      token: null,
      body: '',
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers['access-control-allow-methods']).toBe(route.allow)
    expect(preflight.headers['x-ratelimit-limit']).toBeDefined()
  })
})
