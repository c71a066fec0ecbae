import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { startHttpRig, type HttpRig } from '../http/support/start-http-rig.ts'

describe('callers without a valid token', () => {
  let rig: HttpRig
  const sockets: Socket[] = []
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await rig[Symbol.asyncDispose]()
  })

  const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`${rig.url}${path}`, { ...init, headers: { ...headers, ...(init.headers as object) } })

  test('cannot fill the request log: denials are counted, one row per minute and cause', async () => {
    rig = await startHttpRig()
    for (let n = 0; n < 40; n += 1) await ask(`/api/v1/nothing-${n}`)
    for (let n = 0; n < 40; n += 1)
      await ask('/api/v1/proxy', { authorization: `Bearer unknown-${n}` }, { method: 'POST' })
    expect(rig.rows.map((row) => row.outcome?.code)).toEqual(['NOT_FOUND', 'INVALID_TOKEN'])
    rig.clock.advance(61_000)
    await ask('/api/v1/nothing')
    expect(rig.rows.map((row) => [row.outcome?.code, row.outcome?.records])).toEqual([
      ['NOT_FOUND', 1],
      ['INVALID_TOKEN', 1],
      ['NOT_FOUND', 39],
      ['INVALID_TOKEN', 39],
      ['NOT_FOUND', 1],
    ])
  })

  test('leaves its name if the token was one of ours', async () => {
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
  ])('is rejected at %s if a page of another site sent it', async (path) => {
    rig = await startHttpRig()
    const reply = await ask(path, { 'sec-fetch-site': 'cross-site' })
    expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([403, 'FORBIDDEN_ORIGIN'])
  })

  test('is let in from an origin that the owner allowed', async () => {
    rig = await startHttpRig({ allowedOrigins: ['https://app.example'] })
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }
    expect((await ask('/api/v1/proxy', headers)).status).toBe(200)
  })

  test('cannot take the connections of those who hold a token', async () => {
    rig = await startHttpRig({ limits: { connections: 20 } })
    const silent = () =>
      new Promise<void>((resolve) => {
        const socket = connect(rig.port, '127.0.0.1', resolve)
        socket.on('error', () => undefined)
        sockets.push(socket)
      })
    for (let n = 0; n < 60; n += 1) await silent()
    const reply = await ask(
      '/api/v1/proxy',
      { authorization: `Bearer ${rig.sessionToken}`, 'content-type': 'application/json' },
      { method: 'POST', body: '{"method":"list_tables"}' },
    )
    expect(reply.status).toBe(200)
  })
})
