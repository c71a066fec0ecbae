import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { discoveredProblem } from '../../src/engine/mcp-upstreams/oauth/discovered-address.ts'
import { protect, type AuthorizationServer } from './support/authorization-server.ts'
import { startMcpHttpServer, type McpHttpServer } from './support/http-server.ts'
import { eventually, openMcpRoom, quietClient, type McpRoom } from './support/mcp-room.ts'

let room: McpRoom
let server: McpHttpServer
let auth: AuthorizationServer
beforeEach(async () => {
  room = await openMcpRoom()
  server = await startMcpHttpServer()
  auth = await protect(server)
})
afterEach(async () => {
  await room[Symbol.asyncDispose]()
  await Promise.all([server.close(), auth.close()])
})

const add = () => room.add('up', { kind: 'mcp', url: server.url, oauth: true })
const echo = () => {
  const session = room.mcp.openSession('up', quietClient())
  return session.request('tools/call', { name: 'echo', arguments: {} }).finally(() => session.close())
}
/** What the owner's browser does. */
async function browse(address: string): Promise<Response> {
  const onward = await fetch(address, { redirect: 'manual' })
  return fetch(onward.headers.get('location') ?? '')
}
async function signIn(): Promise<void> {
  await browse((await room.mcp.signIn('up')).authorize_url)
  await eventually(() => room.mcp.catalog('up').state === 'fresh')
}
const files = (): string =>
  readdirSync(room.home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')

describe('before the sign-in', () => {
  it('a server that requires a sign-in is rejected without oauth, and the error says how to add it', async () => {
    await expect(room.mcp.check({ kind: 'mcp', url: server.url }, undefined)).rejects.toThrow(
      /rejected the credentials \(HTTP 401\).*If it uses sign-in, add --oauth/,
    )
  })
  it('a connection is stored and calls fail with an error that asks for the sign-in', async () => {
    await add()
    await expect(echo()).rejects.toThrow('MCP server "up" requires you to sign in. Sign in with hallpass sign-in up')
    await room.mcp.refreshed('up', AbortSignal.timeout(5000))
    expect(room.mcp.diagnostics('up')).toMatchObject({
      state: 'needs_sign_in',
      message: expect.stringContaining('Sign in'),
    })
  })
  it('a connection without sign-in has no address for one', async () => {
    server.intercept = null
    await room.add('plain', { kind: 'mcp', url: server.url })
    await expect(room.mcp.signIn('plain')).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  })
  it('a secret is rejected together with oauth', async () => {
    await expect(room.add('x', { kind: 'mcp', url: server.url, oauth: true }, 'a-secret')).rejects.toThrow(
      "doesn't take a secret",
    )
  })
})

it('after the sign-in the upstream can be listed and called, also after a restart, and no file contains a token', async () => {
  await add()
  await signIn()
  expect(await echo()).toMatchObject({ content: [{ type: 'text' }] })
  expect(room.mcp.catalog('up').tools).toHaveLength(1)
  await room.restart()
  expect(await echo()).toMatchObject({ content: [{ type: 'text' }] })
  for (const token of auth.good) expect(files()).not.toContain(token)
  expect(room.store.read.connection('up')?.secret_location).toBe('vault')
})

it('a token that was refreshed for a call is masked in its response', async () => {
  auth.reply.expires_in = 30
  await add()
  await signIn()
  const guarded = server.intercept
  let sent = ''
  server.intercept = (request, response) => {
    if (request.rpc !== 'tools/call') return guarded?.(request, response) ?? false
    sent = String(request.headers['authorization']).slice('Bearer '.length)
    const result = { content: [{ type: 'text', text: `You sent ${sent}.` }] }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ jsonrpc: '2.0', id: request.body.id, result }))
    return true
  }
  const before = new Set(auth.good)
  const answered = JSON.stringify(await echo())
  expect([sent.length > 10, before.has(sent)]).toEqual([true, false])
  expect(answered).toContain('You sent ')
  expect(answered).not.toContain(sent)
})

describe('the browser’s return', () => {
  it('with an unknown state is rejected, and the pending sign-in can still finish', async () => {
    await add()
    const { authorize_url } = await room.mcp.signIn('up')
    const back = new URL(new URL(authorize_url).searchParams.get('redirect_uri') ?? '')
    expect(back.hostname).toBe('127.0.0.1')
    for (const state of ['guess', '']) {
      back.search = new URLSearchParams({ code: 'theirs', state }).toString()
      expect((await fetch(back)).status).toBe(400)
    }
    expect((await fetch(`${back.origin}/callback/guess`)).status).toBe(404)
    expect((await browse(authorize_url)).status).toBe(200)
    await eventually(() => room.mcp.catalog('up').state === 'fresh')
  })

  it('is accepted once', async () => {
    await add()
    const { authorize_url } = await room.mcp.signIn('up')
    const onward = await fetch(authorize_url, { redirect: 'manual' })
    const location = onward.headers.get('location') ?? ''
    expect((await fetch(location)).status).toBe(200)
    const second = await fetch(location).then(
      (response) => response.status,
      () => 'refused',
    )
    expect([400, 'refused']).toContain(second)
  })

  it('with an error is reported, and nothing is stored', async () => {
    await add()
    const { authorize_url } = await room.mcp.signIn('up')
    const parameters = new URL(authorize_url).searchParams
    const back = new URL(parameters.get('redirect_uri') ?? '')
    back.search = new URLSearchParams({ error: 'access_denied', state: parameters.get('state') ?? '' }).toString()
    await fetch(back)
    await eventually(() => room.health.at(-1)?.problem?.includes('access_denied') === true)
    expect(room.store.read.connection('up')?.secret_location).toBeNull()
  })

  it('is ignored if a newer sign-in was started', async () => {
    await add()
    const first = await room.mcp.signIn('up')
    await room.mcp.signIn('up')
    await expect(browse(first.authorize_url)).rejects.toThrow()
  })
})

describe('tokens', () => {
  it('are refreshed before they expire, once for many requests, and keep the refresh token if no new one is issued', async () => {
    await add()
    await signIn()
    auth.reply.refresh = false
    for (let round = 0; round < 2; round += 1) {
      auth.asked.length = 0
      room.clock.advance(3600_000 - 30_000)
      await Promise.all(Array.from({ length: 20 }, echo))
      expect(auth.asked.map((one) => one['grant_type'])).toEqual(['refresh_token'])
    }
  })

  it('that the server no longer accepts are refreshed once, and the call succeeds', async () => {
    await add()
    await signIn()
    auth.good.clear()
    expect(await echo()).toMatchObject({ content: [{ type: 'text' }] })
  })

  it('that can’t be refreshed require a new sign-in', async () => {
    await add()
    await signIn()
    auth.good.clear()
    auth.reply.refuse = 'invalid_grant'
    await expect(echo()).rejects.toMatchObject({ reason: 'needs_sign_in' })
  })

  it('are used until they expire while the authorization server is down', async () => {
    await add()
    await signIn()
    room.clock.advance(3600_000 - 30_000)
    Object.assign(auth.reply, { refuse: 'server_error', status: 500 })
    expect(await echo()).toMatchObject({ content: [{ type: 'text' }] })
    room.clock.advance(60_000)
    await expect(echo()).rejects.toThrow("couldn't renew the sign-in")
    auth.reply.refuse = null
    expect(await echo()).toMatchObject({ content: [{ type: 'text' }] })
  })
})

describe('an address that a server names for signing in', () => {
  it.each([
    ['http://169.254.169.254/token', 'https://mcp.example.com/mcp'],
    ['https://127.0.0.1/token', 'https://mcp.example.com/mcp'],
    ['https://localhost/x', 'https://mcp.example.com/mcp'],
    ['https://10.1.2.3/x', 'https://mcp.example.com/mcp'],
    ['https://[::1]/x', 'https://mcp.example.com/mcp'],
    ['http://auth.example.com/x', 'https://mcp.example.com/mcp'],
    ['http://auth.example.com/x', 'http://127.0.0.1:3000/mcp'],
    ['https://169.254.169.254/x', 'http://127.0.0.1:3000/mcp'],
    ['javascript:alert(1)', 'https://mcp.example.com/mcp'],
    ['https://user:pass@auth.example.com/', 'https://mcp.example.com/mcp'],
  ])('%s is not asked for %s', (address, owners) => {
    expect(discoveredProblem(address, owners)).not.toBeNull()
  })
  it.each([
    ['https://auth.example.com/x', 'https://mcp.example.com/mcp'],
    ['http://127.0.0.1:4000/x', 'http://127.0.0.1:3000/mcp'],
    ['http://localhost:4000/x', 'http://127.0.0.1:3000/mcp'],
    ['https://10.1.2.4/x', 'https://10.1.2.3/mcp'],
    ['https://auth.example.com/x', 'http://127.0.0.1:3000/mcp'],
  ])('%s is asked for %s', (address, owners) => {
    expect(discoveredProblem(address, owners)).toBeNull()
  })
  it('is rejected if the browser would open anything but a web page', async () => {
    await add()
    auth.authorizeAt = 'file:///etc/passwd'
    await expect(room.mcp.signIn('up')).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' })
  })
})
