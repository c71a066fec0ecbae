import { afterEach, describe, expect, test } from 'vitest'
import { DOCUMENT_METHODS } from '../../src/contract/methods/document-methods.ts'
import { rawRequest, readReply, requestText } from './support/raw-request.ts'
import { scriptedConnector, startHttpRig, type HttpRig } from './support/start-http-rig.ts'

describe('the HTTP server', () => {
  let rig: HttpRig
  afterEach(() => rig[Symbol.asyncDispose]())

  function send(
    path: string,
    token: string | null,
    { method = 'POST', body, headers = {} }: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
  ) {
    return fetch(`${rig.url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  test('rejects a port in use with a sentence that names it and what to do', async () => {
    rig = await startHttpRig()
    const second = await startHttpRig()
    await second.server.close({ graceMs: 0 })
    await expect(second.server.listen({ host: '127.0.0.1', port: rig.port })).rejects.toThrow(
      new RegExp(`Port ${rig.port} is in use.*HALLPASS_PORT`),
    )
    await expect(second.server.listen({ host: '192.0.2.1', port: 0 })).rejects.toThrow(/HALLPASS_HOST/)
    await second[Symbol.asyncDispose]()
  })

  test('waits for running requests when it closes, and interrupts those that exceed the limit', async () => {
    let finish = () => {}
    let calls = 0
    rig = await startHttpRig({
      connector: scriptedConnector({
        call: () => {
          calls += 1
          return new Promise((resolve) => {
            if (calls === 1) finish = () => resolve({ tables: [] } as never)
          })
        },
      }),
    })
    const first = send('/api/v1/proxy', rig.sessionToken, { body: { method: 'list_tables' } })
    await expect.poll(() => calls).toBe(1)
    const second = send('/api/v1/proxy', rig.sessionToken, { body: { method: 'list_tables' } })
    await expect.poll(() => calls).toBe(2)
    const closed = rig.server.close({ graceMs: 400 })
    finish()
    expect((await first).status).toBe(200)
    await expect(second).rejects.toThrow()
    await closed
    await expect(fetch(`${rig.url}/healthz`)).rejects.toThrow()
  })

  test("returns 429 with Retry-After beyond a token's rate, for its session tokens too, and serves other tokens", async () => {
    rig = await startHttpRig()
    const slow = await rig.token('slow', { rate: '3/m' })
    const { token } = rig.mint(['read'], slow)
    const introspect = (bearer: string) => send('/api/v1/tokens/introspect', bearer, { method: 'GET' })
    const replies = [await introspect(slow), await introspect(token), await introspect(slow)]
    expect(replies.map((reply) => [reply.status, reply.headers.get('x-ratelimit-remaining')])).toEqual([
      [200, '2'],
      [200, '1'],
      [200, '0'],
    ])
    const refused = await introspect(token)
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED' })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(refused.headers.get('ratelimit-policy')).toBe('"token";q=3;w=60')
    expect(refused.headers.get('ratelimit')).toMatch(/^"token";r=0;t=\d+$/)
    expect(rig.rows.at(-1)?.outcome?.code).toBe('RATE_LIMITED')
    expect((await introspect(rig.accessToken)).status).toBe(200)
    rig.clock.advance(60_001)
    expect((await introspect(slow)).status).toBe(200)
  })

  test('returns 429 beyond the limit of an address, also for a preflight request', async () => {
    const origin = 'https://tool.example'
    rig = await startHttpRig({ allowedOrigins: [origin] })
    const host = `Host: 127.0.0.1:${rig.port}`
    const spent = `GET /api/v1/nothing HTTP/1.1\r\n${host}\r\n\r\n`.repeat(6_000)
    const preflight = requestText('OPTIONS /api/v1/proxy HTTP/1.1', [
      host,
      `Origin: ${origin}`,
      'Access-Control-Request-Method: POST',
    ])
    const { text } = await rawRequest(rig.port, spent + preflight)
    expect(text.match(/HTTP\/1\.1 404/g)).toHaveLength(6_000)
    const last = readReply(text.slice(text.lastIndexOf('HTTP/1.1 ')))
    expect(last).toMatchObject({
      status: 429,
      headers: { 'access-control-allow-origin': origin, 'retry-after': expect.stringMatching(/^\d+$/) },
    })
    expect(JSON.parse(last.body)).toMatchObject({ code: 'RATE_LIMITED' })
  })

  test('counts callers without a valid token toward their address, separately from any token', async () => {
    rig = await startHttpRig()
    const first = await send('/api/v1/tokens/introspect', 'junk', { method: 'GET' })
    const second = await send('/api/v1/nothing', rig.accessToken, { method: 'GET' })
    expect([first, second].map((reply) => reply.headers.get('x-ratelimit-remaining'))).toEqual(['5999', '5998'])
    expect(
      (await send('/api/v1/tokens/introspect', rig.accessToken, { method: 'GET' })).headers.get(
        'x-ratelimit-remaining',
      ),
    ).toBe('5999')
  })

  test.each([
    [{ document: 'sales', permissions: ['schema'] }, 403, 'Permission denied'],
    [{ document: 'absent', permissions: ['read'] }, 403, 'Document not in scope'],
    [{ document: 'sales' }, 400, 'Missing field "permissions".'],
    [{ document: 'sales', permissions: ['read'], ttl_seconds: 0 }, 400, '"ttl_seconds"'],
    [{ document: 'sales', permissions: ['read'], ttl_seconds: 1.5 }, 400, '"ttl_seconds"'],
    [{ document: 'sales', permissions: ['read'], ttl: 5 }, 400, 'Unknown field "ttl"'],
    [null, 400, 'JSON object'],
  ])('rejects minting %j', async (body, status, sentence) => {
    rig = await startHttpRig()
    const reply = await send('/api/v1/sessions', rig.accessToken, { body })
    expect(reply.status).toBe(status)
    expect(((await reply.json()) as { error: string }).error).toContain(sentence)
    expect(rig.rows.at(-1)).toMatchObject({ method: 'request_session_token', token: 'editor', outcome: { status } })
  })

  test('creates, describes, accepts and revokes a session token, and then reports it as ended', async () => {
    rig = await startHttpRig()
    const reply = await send('/api/v1/sessions', rig.accessToken, {
      body: { document: 'sales', permissions: ['read'], ttl_seconds: 9_999 },
    })
    const minted = (await reply.json()) as { token: string; expires_at: string; proxy_url: string }
    expect(minted).toEqual({
      token: expect.stringMatching(/^sess_/),
      document: 'sales',
      permissions: ['read'],
      expires_at: new Date(rig.clock.now() + 3_600_000).toISOString(),
      proxy_url: `${rig.url}/api/v1/proxy`,
    })
    const told = await (await send('/api/v1/tokens/introspect', minted.token, { method: 'GET' })).json()
    expect(told).toMatchObject({
      active: true,
      kind: 'session',
      parent: 'editor',
      project: 'demo',
      grants: [{ connection: 'sales', permissions: ['read'] }],
      expires_at: minted.expires_at,
    })
    expect((await send('/api/v1/proxy', minted.token, { body: { method: 'list_tables' } })).status).toBe(200)
    expect(await (await send('/api/v1/sessions/current', minted.token, { method: 'DELETE' })).json()).toEqual({
      ended: true,
      requests_cut: 0,
    })
    expect(await (await send('/api/v1/sessions/current', minted.token, { method: 'DELETE' })).json()).toMatchObject({
      code: 'TOKEN_EXPIRED',
    })
    expect(await (await send('/api/v1/tokens/introspect', minted.token, { method: 'GET' })).json()).toEqual({
      active: false,
    })
  })

  test("passes MCP requests to the bridge, only for the token's own project, with the headers of every response", async () => {
    rig = await startHttpRig()
    for (const project of ['other', 'absent']) {
      const refused = await send(`/projects/${project}/mcp`, rig.accessToken, { body: { a: 1 } })
      expect(refused.status).toBe(403)
      expect(await refused.json()).toMatchObject({ code: 'UNAUTHORIZED' })
    }
    expect(rig.rows.at(-1)).toMatchObject({ transport: 'mcp-http', outcome: { status: 403 } })
    const reply = await send('/projects/demo/mcp', rig.accessToken, { body: { a: 1 } })
    expect(await reply.json()).toEqual({ echoed: { a: 1 }, token: 'editor' })
    expect(reply.headers.get('x-request-id')).not.toBeNull()
    expect(reply.headers.get('x-ratelimit-limit')).toBe('6000')
  })

  test('ends an MCP stream with its token', async () => {
    rig = await startHttpRig({
      bridge: {
        async handleHttp(_request, response) {
          response.writeHead(200, { 'Content-Type': 'text/event-stream' })
          response.write(': here\n\n')
          await new Promise((resolve) => response.once('close', resolve))
        },
      },
    })
    const reply = await send('/projects/demo/mcp', rig.accessToken, { method: 'GET' })
    await rig.access.revokeToken('demo', 'editor')
    await expect(reply.text()).rejects.toThrow()
  })

  test('shows only a request ID for an internal error', async () => {
    rig = await startHttpRig({ bridge: { handleHttp: () => Promise.reject(new Error('canary')) } })
    const reply = await send('/projects/demo/mcp', rig.accessToken, { body: {} })
    expect(reply.status).toBe(500)
    expect(await reply.text()).not.toContain('canary')
    expect(rig.internal).toHaveLength(1)
  })

  test('the OpenAPI description lists exactly the routes and methods that are served', async () => {
    rig = await startHttpRig()
    const { openapi, paths } = (await (await send('/openapi.json', null, { method: 'GET' })).json()) as {
      openapi: string
      paths: Record<string, Record<string, any>>
    }
    expect(openapi).toBe('3.1.0')
    for (const [path, item] of Object.entries(paths)) {
      const reply = await send(path.replace('{id}', '1').replace(/\{\w+\}/g, 'a'), null, { method: 'PROPFIND' })
      expect(reply.status).toBe(405)
      const told = Object.keys(item)
        .filter((key) => key !== 'parameters')
        .map((key) => key.toUpperCase())
      expect(told.toSorted()).toEqual(reply.headers.get('allow')?.split(', ').toSorted())
    }
    const names = paths['/api/v1/proxy']?.['post'].requestBody.content['application/json'].schema.anyOf.map(
      (one: any) => one.properties.method.const,
    )
    expect(names).toEqual(Object.keys(DOCUMENT_METHODS))
  })
})
