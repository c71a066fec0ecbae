import { afterEach, describe, expect, test } from 'vitest'
import { drainEventLoop } from '../support/until.ts'
import { openSocket, rawRequest, readReply, requestText } from '../http/support/raw-request.ts'
import { scriptedConnector, startHttpRig, type HttpRig } from '../http/support/start-http-rig.ts'

const CALL = '{"method":"list_tables"}'

describe('the HTTP server, against raw bytes', () => {
  let rig: HttpRig
  afterEach(async () => {
    expect((await fetch(`${rig.url}/healthz`)).status).toBe(200)
    expect(rig.internal).toEqual([])
    await rig[Symbol.asyncDispose]()
  })
  const head = (...more: string[]) => [
    `Host: 127.0.0.1:${rig.port}`,
    `Authorization: Bearer ${rig.sessionToken}`,
    'Content-Type: application/json',
    ...more,
  ]

  test.each([
    ['both lengths', (body: string) => ['Transfer-Encoding: chunked', `Content-Length: ${body.length}`]],
    ['two lengths', (body: string) => [`Content-Length: ${body.length}`, 'Content-Length: 1']],
    ['an odd transfer encoding', () => ['Transfer-Encoding: xchunked']],
    ['a negative length', () => ['Content-Length: -1']],
    ['a space before the colon', () => ['Content-Length : 3']],
    ['a folded header', () => ['X-A: a\r\n b: c', 'Content-Length: 0 0']],
    ['a bare line feed', () => ['X-A: a\nX-B: b', 'Content-Length: 0 0']],
  ])('rejects framing with %s, before any row or call', async (_, headers) => {
    rig = await startHttpRig()
    const reply = await rawRequest(rig.port, requestText('POST /api/v1/proxy HTTP/1.1', head(...headers(CALL)), CALL))
    expect(reply.status).toBeGreaterThanOrEqual(400)
    expect(reply.status).toBeLessThan(500)
    expect(reply.headers['x-request-id']).toBeDefined()
    expect(JSON.parse(reply.body)).toMatchObject({ success: false })
    expect(rig.rows.filter((row) => row.outcome?.status === 200)).toEqual([])
  })

  test.each([
    ['no HTTP at all', '\x16\x03\x01\x02\x00\r\n\r\n'],
    ['an unknown method', 'FROB / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['an unknown version', 'GET / HTTP/9.9\r\n\r\n'],
  ])('responds to %s with 400 and an ID', async (_, bytes) => {
    rig = await startHttpRig()
    const reply = await rawRequest(rig.port, bytes)
    expect(reply.status).toBe(400)
    expect(JSON.parse(reply.body)).toMatchObject({ code: 'INVALID_REQUEST', request_id: reply.headers['x-request-id'] })
  })

  test('rejects a request without a Host with a sentence', async () => {
    rig = await startHttpRig()
    for (const version of ['1.0', '1.1']) {
      const reply = await rawRequest(rig.port, `GET /healthz HTTP/${version}\r\nConnection: close\r\n\r\n`)
      expect(reply.status).toBe(403)
      expect(reply.headers['x-request-id']).toBeDefined()
    }
  })

  test('responds to a flood of headers with 431, and finds a second Host among many small ones', async () => {
    rig = await startHttpRig()
    expect(
      (await rawRequest(rig.port, requestText('GET /healthz HTTP/1.1', [...head(), `X-A: ${'a'.repeat(20_000)}`])))
        .status,
    ).toBe(431)
    const many = Array.from({ length: 2_500 }, () => 'a:')
    expect(
      (
        await rawRequest(
          rig.port,
          requestText('GET /healthz HTTP/1.1', [`Host: 127.0.0.1:${rig.port}`, ...many, 'Host: evil.example']),
        )
      ).status,
    ).toBe(403)
  })

  test('interrupts headers that arrive too slowly', async () => {
    rig = await startHttpRig({ limits: { headersMs: 200 } })
    const reply = await rawRequest(rig.port, 'GET /healthz HTTP/1.1\r\nHost: 127', 8_000)
    expect(reply.status).toBe(408)
  })

  test('rejects a body that arrives too slowly, and closes its connection', async () => {
    rig = await startHttpRig({ limits: { bodyMs: 150, lingerMs: 100 } })
    const reply = await rawRequest(
      rig.port,
      [`POST /api/v1/proxy HTTP/1.1`, ...head('Content-Length: 50'), '', '{"met'].join('\r\n'),
      8_000,
    )
    expect(reply.status).toBe(400)
    expect(reply.body).toContain('within')
  })

  test('rejects a stream that stalls', async () => {
    rig = await startHttpRig({ limits: { streamIdleMs: 150, lingerMs: 100 } })
    const headers = [
      `Host: 127.0.0.1:${rig.port}`,
      `Authorization: Bearer ${rig.sessionToken}`,
      'Content-Type: application/x-ndjson',
      'Transfer-Encoding: chunked',
    ]
    const reply = await rawRequest(
      rig.port,
      ['POST /api/v1/proxy?method=add_records&table=Orders HTTP/1.1', ...headers, '', '3\r\n{}\n\r\n'].join('\r\n'),
      8_000,
    )
    expect(reply.status).toBe(400)
    expect(reply.body).toContain('No data was received')
  })

  test('drains an unwanted endless body for a limited time only', async () => {
    rig = await startHttpRig({ limits: { lingerMs: 200 } })
    const socket = await openSocket(rig.port)
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString()
    })
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.write(
      `POST /api/v1/proxy HTTP/1.1\r\nHost: 127.0.0.1:${rig.port}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    )
    const feed = setInterval(() => socket.write('400\r\n' + 'x'.repeat(1024) + '\r\n'), 10)
    socket.on('error', () => clearInterval(feed))
    await closed
    clearInterval(feed)
    expect(readReply(text).status).toBe(401)
  })

  test('sends an error instead of asking for an announced body', async () => {
    rig = await startHttpRig()
    const refused = await rawRequest(
      rig.port,
      requestText('POST /api/v1/proxy HTTP/1.1', [
        `Host: 127.0.0.1:${rig.port}`,
        'Content-Length: 999999999',
        'Expect: 100-continue',
      ]),
      8_000,
    )
    expect(refused.status).toBe(401)
    const good = await rawRequest(
      rig.port,
      requestText('POST /api/v1/proxy HTTP/1.1', head(`Content-Length: ${CALL.length}`, 'Expect: 100-continue'), CALL),
    )
    expect(good.text).toMatch(/^HTTP\/1.1 100 Continue[\s\S]*HTTP\/1.1 200 OK/)
  })

  test('frees everything when a caller disconnects in the middle of its body', async () => {
    rig = await startHttpRig()
    const socket = await openSocket(rig.port)
    socket.write([`POST /api/v1/proxy HTTP/1.1`, ...head('Content-Length: 50'), '', '{"met'].join('\r\n'))
    await drainEventLoop()
    socket.destroy()
    await expect.poll(() => rig.rows.at(-1)?.outcome?.status).toBe(400)
  })

  test('responds to pipelined requests in order, each with its own ID', async () => {
    rig = await startHttpRig()
    const one = (id: string, last: boolean) =>
      [
        `GET /healthz HTTP/1.1`,
        `Host: 127.0.0.1:${rig.port}`,
        `X-Request-Id: ${id}`,
        ...(last ? ['Connection: close'] : []),
        '',
        '',
      ].join('\r\n')
    const { text } = await rawRequest(rig.port, one('a', false) + one('b', false) + one('c', true))
    expect([...text.matchAll(/X-Request-Id: (\w)/g)].map(([, id]) => id)).toEqual(['a', 'b', 'c'])
  })

  test('accepts, echoes and logs no token in a URL', async () => {
    rig = await startHttpRig()
    const { sessionToken } = rig
    for (const path of [
      `/api/v1/proxy?token=${sessionToken}`,
      `/api/v1/${sessionToken}`,
      `/api/v1/proxy/${sessionToken}?access_token=${sessionToken}`,
    ]) {
      const reply = await rawRequest(
        rig.port,
        requestText(`POST ${path} HTTP/1.1`, [`Host: 127.0.0.1:${rig.port}`, `User-Agent: x ${sessionToken}`]),
      )
      expect(reply.status).toBeGreaterThanOrEqual(400)
      expect(reply.text).not.toContain(sessionToken)
    }
    expect(JSON.stringify(rig.rows)).not.toContain(sessionToken.slice(0, 12))
    expect(rig.rows).toHaveLength(2)
  })

  test('has no side effects for GET on any route, with any token', async () => {
    rig = await startHttpRig()
    const before = (await rig.access.sessions()).length
    for (const path of [
      '/api/v1/sessions',
      '/api/v1/sessions/current',
      '/api/v1/proxy',
      '/api/v1/proxy?method=add_records&table=Orders',
    ]) {
      for (const token of [rig.accessToken, rig.sessionToken])
        await fetch(`${rig.url}${path}`, { headers: { authorization: `Bearer ${token}` } })
    }
    expect(await rig.access.sessions()).toHaveLength(before)
    expect(rig.rows.filter((row) => row.outcome?.status === 200)).toEqual([])
  })

  test("serves nothing while the log can't be written", async () => {
    rig = await startHttpRig()
    rig.state.broken = true
    const before = (await rig.access.sessions()).length
    const mint = await fetch(`${rig.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rig.accessToken}`, 'content-type': 'application/json' },
      body: '{"document":"sales","permissions":["read"]}',
    })
    expect(mint.status).toBe(503)
    expect(await mint.json()).toMatchObject({ code: 'LOG_UNAVAILABLE' })
    expect(await rig.access.sessions()).toHaveLength(before)
    const call = await fetch(`${rig.url}/api/v1/proxy`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rig.sessionToken}`, 'content-type': 'application/json' },
      body: CALL,
    })
    expect(call.status).toBe(503)
  })

  test('serves exactly as many of a hundred callers as a counted token allows', async () => {
    rig = await startHttpRig()
    const { token } = rig.mint(['read'], rig.accessToken, { max_requests: 7 })
    const replies = await Promise.all(
      Array.from({ length: 100 }, () =>
        fetch(`${rig.url}/api/v1/proxy`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: CALL,
        }),
      ),
    )
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(7)
    expect(replies.filter((reply) => reply.status === 401)).toHaveLength(93)
  })

  test('ends requests that wait upstream when their token is revoked', async () => {
    rig = await startHttpRig({
      connector: scriptedConnector({
        call: (_m, _f, { signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      }),
    })
    const waiting = Array.from({ length: 50 }, () =>
      fetch(`${rig.url}/api/v1/proxy`, {
        method: 'POST',
        headers: { authorization: `Bearer ${rig.sessionToken}`, 'content-type': 'application/json' },
        body: CALL,
      }),
    )
    await expect.poll(() => rig.rows.length).toBe(50)
    expect(await rig.access.revokeToken('demo', 'editor')).toMatchObject({ requests_cut: 50 })
    for (const reply of await Promise.all(waiting)) expect(await reply.json()).toMatchObject({ code: 'TOKEN_EXPIRED' })
  })
})
