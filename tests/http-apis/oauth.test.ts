import { afterEach, describe, expect, it } from 'vitest'
import { startHttpApiRig, SECRET } from './support/start-http-api-rig.ts'
import { startHttpUpstream } from './support/start-http-upstream.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})
const kept = <T extends AsyncDisposable>(one: T): T => {
  open.push(one)
  return one
}

async function rig(options: { send?: 'basic' | 'body'; life?: number } = {}) {
  const issuer = kept(await startHttpUpstream())
  const upstream = kept(await startHttpUpstream())
  let issued = 0
  issuer.answer = (_request, response) => {
    issued += 1
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({
        access_token: `canary-access-${issued}`,
        token_type: 'Bearer',
        expires_in: options.life ?? 3600,
      }),
    )
  }
  const auth = {
    type: 'oauth' as const,
    token_url: `${issuer.url}/token`,
    client_id: 'stays',
    scope: 'listings:read',
    ...(options.send === undefined ? {} : { send: options.send }),
  }
  const made = kept(await startHttpApiRig({ url: upstream.url, auth }))
  return { issuer, upstream, rig: made }
}

describe('client credentials', () => {
  it('that are rejected are named, without the secret, and nothing reaches the API', async () => {
    const { issuer, upstream, rig: api } = await rig()
    issuer.answer = (_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: 'invalid_client', error_description: `no such secret ${SECRET}` }))
    }
    const body = await (await api.ask('/x')).text()
    expect(body).toContain('invalid_client')
    expect(body).not.toContain(SECRET)
    expect(upstream.seen).toEqual([])
  })

  it.each([
    ['a redirect', 302, ''],
    ['no token', 200, '{}'],
    ['a web page', 200, '<html>'],
    ['a token that no header can carry', 200, JSON.stringify({ access_token: 'a\r\nb' })],
  ])('that get %s as the response are sent nowhere else', async (_, status, body) => {
    const { issuer, upstream, rig: api } = await rig()
    const canary = kept(await startHttpUpstream())
    issuer.answer = (_request, response) => response.writeHead(status, { location: `${canary.url}/steal` }).end(body)
    expect((await api.ask('/x')).status).toBe(502)
    expect([...upstream.seen, ...canary.seen]).toEqual([])
  })

  it('get one token for many requests, in the documented form, and the API never sees the client secret', async () => {
    const { issuer, upstream, rig: api } = await rig()
    const replies = await Promise.all(Array.from({ length: 20 }, () => api.ask('/x')))
    expect(replies.every((reply) => reply.status === 200)).toBe(true)
    expect(issuer.seen).toHaveLength(1)
    const basic = Buffer.from(`stays:${new URLSearchParams([['', SECRET]]).toString().slice(1)}`).toString('base64')
    expect(issuer.seen[0]).toMatchObject({
      method: 'POST',
      body: 'grant_type=client_credentials&scope=listings%3Aread',
      headers: { authorization: `Basic ${basic}` },
    })
    expect(upstream.seen.every((one) => one.headers.authorization === 'Bearer canary-access-1')).toBe(true)
    expect(upstream.heard()).not.toContain(SECRET)
    expect(api.secretUses.count).toBe(1)
  })

  it('are sent in the body if the owner chose that', async () => {
    const { issuer, rig: api } = await rig({ send: 'body' })
    await api.ask('/x')
    expect(issuer.seen[0]?.headers.authorization).toBeUndefined()
    expect(Object.fromEntries(new URLSearchParams(issuer.seen[0]?.body))).toMatchObject({
      client_id: 'stays',
      client_secret: SECRET,
    })
  })

  it('get a new token before the old one expires', async () => {
    const { issuer, rig: api } = await rig({ life: 100 })
    await api.ask('/x')
    api.clock.advance(69_000)
    await api.ask('/x')
    expect(issuer.seen).toHaveLength(1)
    api.clock.advance(2_000)
    await api.ask('/x')
    expect(issuer.seen).toHaveLength(2)
  })

  it('get a new token once if the API rejects the old one, for a request that can be repeated', async () => {
    const { issuer, upstream, rig: api } = await rig()
    upstream.answer = (request, response) =>
      response.writeHead(request.headers.authorization === 'Bearer canary-access-1' ? 401 : 200).end('body')
    expect((await api.ask('/x')).status).toBe(200)
    expect(issuer.seen).toHaveLength(2)
    upstream.answer = (_request, response) => response.writeHead(401).end()
    upstream.seen.length = 0
    expect((await api.ask('/x')).status).toBe(401)
    expect(upstream.seen).toHaveLength(2)
  })

  it('return the error of a request that changes something, and get a new token for the next one', async () => {
    const { issuer, upstream, rig: api } = await rig()
    upstream.answer = (_request, response) => response.writeHead(401).end()
    expect((await api.ask('/x', { method: 'POST', body: 'a' })).status).toBe(401)
    expect(upstream.seen).toHaveLength(1)
    upstream.answer = (_request, response) => response.end()
    expect((await api.ask('/x', { method: 'POST', body: 'a' })).status).toBe(200)
    expect(issuer.seen).toHaveLength(2)
  })

  it('are masked where the API echoes them', async () => {
    const { upstream, rig: api } = await rig()
    upstream.answer = (request, response) => response.end(JSON.stringify(request.headers))
    expect(await (await api.ask('/x')).text()).not.toContain('canary-access')
  })
})
