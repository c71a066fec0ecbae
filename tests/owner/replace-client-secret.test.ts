import { afterEach, beforeEach, expect, it } from 'vitest'
import { protect, type AuthorizationServer } from '../mcp-upstreams/support/authorization-server.ts'
import { startMcpHttpServer, type McpHttpServer } from '../mcp-upstreams/support/http-server.ts'
import { eventually } from '../mcp-upstreams/support/mcp-room.ts'
import { startTestEngine } from '../support/start-test-engine.ts'

let engine: Awaited<ReturnType<typeof startTestEngine>>
let server: McpHttpServer
let auth: AuthorizationServer
beforeEach(async () => {
  engine = await startTestEngine({ sample: false })
  server = await startMcpHttpServer()
  auth = await protect(server)
})
afterEach(async () => {
  await engine[Symbol.asyncDispose]()
  await Promise.all([server.close(), auth.close()])
})

const health = async () => (await engine.owner.connections.get({ name: 'up' })).health
async function signIn(): Promise<void> {
  const { authorize_url: address } = await engine.owner.connections.signIn({ name: 'up' })
  const onward = await fetch(address, { redirect: 'manual' })
  await fetch(onward.headers.get('location') ?? '')
}

it('a connection that registers automatically rejects a secret', async () => {
  await engine.owner.connections.create({ name: 'up', config: { kind: 'mcp', url: server.url, oauth: true } })
  await expect(
    engine.owner.connections.replaceSecret({ name: 'up', secret: { value: 'a-secret' } }),
  ).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    data: { field: 'secret' },
  })
})

it('AT1 one item asks for the sign-in that a connection needs, and ends with it', async () => {
  const items = async (state: 'open' | 'resolved') =>
    (await engine.owner.attention.list({ state })).filter(({ subject }) => subject.connection === 'up')
  await engine.owner.connections.create({ name: 'up', config: { kind: 'mcp', url: server.url, oauth: true } })
  expect(await engine.owner.connections.test({ name: 'up' })).toMatchObject({ ok: false })
  expect(await engine.owner.connections.test({ name: 'up' })).toMatchObject({ ok: false })
  expect(await items('open')).toMatchObject([{ kind: 'sign_in', group: 'decide' }])
  await signIn()
  await eventually(async () => (await items('open')).every(({ kind }) => kind !== 'sign_in'))
  expect(await items('resolved')).toMatchObject([{ kind: 'sign_in', ended_at: expect.any(String) }])
})

it('a new client secret ends the sign-in with the old one, and the next sign-in uses it', async () => {
  auth.client = { id: 'ours', secret: 'the-first-client-secret' }
  const record = await engine.owner.connections.create({
    name: 'up',
    config: { kind: 'mcp', url: server.url, oauth: true, oauth_client_id: 'ours' },
    secret: { value: 'the-first-client-secret' },
  })
  expect(JSON.stringify(record)).not.toContain('client-secret')
  await signIn()
  await eventually(async () => (await health()).state === 'up')
  const tokens = [...auth.good]
  auth.client.secret = 'the-second-client-secret'
  await engine.owner.connections.replaceSecret({ name: 'up', secret: { value: 'the-second-client-secret' } })
  expect(await health()).toMatchObject({ state: 'down', message: expect.stringContaining('Sign-in required') })
  server.seen.length = 0
  expect(await engine.owner.connections.test({ name: 'up' })).toMatchObject({ ok: false })
  for (const token of tokens) expect(JSON.stringify(server.seen)).not.toContain(token)
  await signIn()
  await eventually(async () => (await health()).state === 'up')
  expect(await engine.owner.connections.test({ name: 'up' })).toMatchObject({ ok: true })
})
