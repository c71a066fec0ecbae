import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { startHttpRig, type HttpRig } from '../http/support/start-http-rig.ts'

describe('callers without a valid token', () => {
  let rig: HttpRig
  afterEach(() => rig[Symbol.asyncDispose]())

  const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`${rig.url}${path}`, { ...init, headers: { ...headers, ...(init.headers as object) } })

  test("can't fill the request log: it has the first, the fifth and one more row per minute and cause", async () => {
    rig = await startHttpRig()
    for (let n = 0; n < 40; n += 1) await ask(`/api/v1/nothing-${n}`)
    for (let n = 0; n < 40; n += 1)
      await ask('/api/v1/proxy', { authorization: `Bearer unknown-${n}` }, { method: 'POST' })
    expect(rig.rows.map((row) => row.outcome?.code)).toEqual([
      'NOT_FOUND',
      'NOT_FOUND',
      'INVALID_TOKEN',
      'INVALID_TOKEN',
    ])
    rig.clock.advance(61_000)
    await ask('/api/v1/nothing')
    expect(rig.rows.map((row) => [row.outcome?.code, row.outcome?.records])).toEqual([
      ['NOT_FOUND', 1],
      ['NOT_FOUND', 4],
      ['INVALID_TOKEN', 1],
      ['INVALID_TOKEN', 4],
      ['NOT_FOUND', 35],
      ['INVALID_TOKEN', 35],
      ['NOT_FOUND', 1],
    ])
  })

  test('are logged by name if the token was known', async () => {
    rig = await startHttpRig()
    await rig.access.revokeToken('demo', 'editor')
    const reply = await ask('/api/v1/sessions', { authorization: `Bearer ${rig.accessToken}` }, { method: 'POST' })
    expect(reply.status).toBe(401)
    expect(rig.rows.at(-1)).toMatchObject({
      project: 'demo',
      token: 'editor',
      token_kind: 'access',
      outcome: { code: 'TOKEN_EXPIRED' },
    })
  })

  test.each([
    '/healthz',
    '/readyz',
    '/openapi.json',
    '/api/v1/proxy',
    '/api/v1/nothing',
    '/projects/demo/mcp',
    '/console',
  ])('are rejected at %s if a page of another site sent the request', async (path) => {
    rig = await startHttpRig()
    const reply = await ask(path, { 'sec-fetch-site': 'cross-site' })
    expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([403, 'FORBIDDEN_ORIGIN'])
  })

  test('are accepted from an origin that the owner allowed', async () => {
    rig = await startHttpRig({ allowedOrigins: ['https://app.example'] })
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }
    expect((await ask('/api/v1/proxy', headers)).status).toBe(200)
  })

  test('can ask about a token without filling the request log', async () => {
    rig = await startHttpRig()
    const introspect = (token: string) => ask('/api/v1/tokens/introspect', { authorization: `Bearer ${token}` })
    for (let n = 0; n < 40; n += 1) expect(await (await introspect(`unknown-${n}`)).json()).toEqual({ active: false })
    expect(rig.rows).toHaveLength(2)
    await introspect(rig.accessToken)
    await introspect(rig.accessToken)
    expect(rig.rows.map((row) => [row.method, row.token])).toEqual([
      ['introspect', null],
      ['introspect', null],
      ['introspect', 'editor'],
      ['introspect', 'editor'],
    ])
    rig.clock.advance(61_000)
    await introspect('unknown')
    expect(rig.rows.map((row) => row.outcome?.records)).toEqual([1, 4, undefined, undefined, 35, 1])
  })

  test('share one limit per computer, whichever of its addresses they use', async () => {
    rig = await startHttpRig()
    const remaining = async (host: string): Promise<number> => {
      const reply = await fetch(`http://${host}:${rig.port}/api/v1/proxy`, {
        headers: { host: `127.0.0.1:${rig.port}` },
      })
      return Number(reply.headers.get('x-ratelimit-remaining'))
    }
    const first = await remaining('127.0.0.1')
    // The whole of 127.0.0.0/8 is this computer.
    const reply = await rawFrom('127.0.0.9', rig.port)
    expect(reply).toMatch(new RegExp(`x-ratelimit-remaining: ${first - 1}\\b`, 'i'))
  })
})

/** Sends a request from another loopback address and returns the response. */
function rawFrom(localAddress: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    socket
      .on('data', (chunk) => (text += String(chunk)))
      .on('close', () => resolve(text))
      .on('error', reject)
    socket.write(`GET /api/v1/proxy HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
  })
}
