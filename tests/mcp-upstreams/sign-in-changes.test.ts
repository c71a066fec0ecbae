import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { McpConnectionConfig } from '../../src/contract/upstreams/mcp-connection.ts'
import { scopesOf } from '../../src/engine/mcp-upstreams/oauth/challenge.ts'
import { storedMcpConfig } from '../../src/engine/mcp-upstreams/stored-config.ts'
import { protect, type AuthorizationServer } from './support/authorization-server.ts'
import { startMcpHttpServer, type McpHttpServer } from './support/http-server.ts'
import { eventually, openMcpRoom, quietClient, type McpRoom } from './support/mcp-room.ts'

const CLIENT = { id: 'client-of-ours', secret: 'cs-0123456789-very-secret' }
const VARIABLE = 'TEST_OF_HALLPASS_CLIENT_SECRET'

let room: McpRoom
let server: McpHttpServer
let auth: AuthorizationServer
const more: AuthorizationServer[] = []
beforeEach(async () => {
  room = await openMcpRoom()
  server = await startMcpHttpServer()
  auth = await protect(server)
})
afterEach(async () => {
  delete process.env[VARIABLE]
  await room[Symbol.asyncDispose]()
  await Promise.all([server.close(), auth.close(), ...more.splice(0).map((one) => one.close())])
})

const config = (fields: Partial<McpConnectionConfig> = {}): McpConnectionConfig => ({
  kind: 'mcp',
  url: server.url,
  oauth: true,
  ...fields,
})
const call = (session: ReturnType<McpRoom['mcp']['openSession']>) =>
  session.request('tools/call', { name: 'echo', arguments: {} })
const echo = () => {
  const session = room.mcp.openSession('up', quietClient())
  return call(session).finally(() => session.close())
}
async function browse(address: string): Promise<void> {
  const onward = await fetch(address, { redirect: 'manual' })
  await fetch(onward.headers.get('location') ?? '')
}
async function signIn(): Promise<void> {
  const before = room.health.length
  await browse((await room.mcp.signIn('up')).authorize_url)
  await eventually(() =>
    room.health.slice(before).some(({ problem }) => problem === null || problem.includes("Couldn't sign in to")),
  )
}
/** The upstream signs in elsewhere from now on. */
async function move(): Promise<AuthorizationServer> {
  const next = await protect(server)
  more.push(next)
  return next
}
const scopeAsked = (one: AuthorizationServer) => one.authorizations.at(-1)?.get('scope')
const files = (): string =>
  readdirSync(room.home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')

describe('a client ID that the owner registered', () => {
  it('is rejected without oauth, and a port is rejected without a client ID', async () => {
    await expect(room.add('x', { kind: 'mcp', url: server.url, oauth_client_id: CLIENT.id })).rejects.toThrow(
      'oauth_client_id can only be used with oauth',
    )
    await expect(room.add('x', config({ oauth_callback_port: 8976 }))).rejects.toThrow(
      'oauth_callback_port can only be used with oauth_client_id',
    )
  })
  it('has a secret that is never sent to the upstream', async () => {
    await expect(
      room.add('x', config({ oauth_client_id: CLIENT.id, headers: { 'X-Key': 'keychain' } }), CLIENT.secret),
    ).rejects.toThrow("Header X-Key can't use keychain")
    auth.client = CLIENT
    await room.add('up', config({ oauth_client_id: CLIENT.id }), CLIENT.secret)
    await signIn()
    await echo()
    expect(JSON.stringify(server.seen)).not.toContain(CLIENT.secret)
    expect(JSON.stringify([...auth.authorizations].map(String))).not.toContain(CLIENT.secret)
  })
  it('has a secret that no file and no error contains, even if the server rejects it', async () => {
    auth.client = { ...CLIENT, secret: 'another' }
    const written = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    await room.add('up', config({ oauth_client_id: CLIENT.id }), CLIENT.secret)
    await signIn()
    await expect(echo()).rejects.toMatchObject({ reason: 'needs_sign_in' })
    expect(room.health.at(-1)?.problem).not.toBeNull()
    expect(JSON.stringify(room.health) + files() + written.mock.calls.join()).not.toContain(CLIENT.secret)
    written.mockRestore()
  })
  it('is not shown to another server that the upstream names later', async () => {
    auth.client = CLIENT
    await room.add('up', config({ oauth_client_id: CLIENT.id }), CLIENT.secret)
    await signIn()
    const other = await move()
    await expect(echo()).rejects.toThrow('sign in at a different server than before')
    await expect(room.mcp.signIn('up')).rejects.toThrow(
      /now uses .* for sign-in, but the client ID is registered with .*create the connection again/,
    )
    await room.restart()
    await expect(room.mcp.signIn('up')).rejects.toThrow('but the client ID is registered with')
    expect([other.authorizations, other.asked, other.registrations]).toEqual([[], [], 0])
  })
  it('signs in without registering, stays so after a restart and a renewal, and is stored in no file', async () => {
    auth.client = CLIENT
    await room.add('up', config({ oauth_client_id: CLIENT.id }), CLIENT.secret)
    await signIn()
    expect(auth.registrations).toBe(0)
    expect(auth.authorizations[0]?.get('client_id')).toBe(CLIENT.id)
    expect(new URL(auth.authorizations[0]?.get('redirect_uri') ?? '').pathname).toBe('/callback')
    await room.restart()
    auth.good.clear()
    expect(await echo()).toMatchObject({ content: [{ type: 'text' }] })
    await signIn()
    expect(await echo()).toMatchObject({ content: [{ type: 'text' }] })
    expect(files()).not.toContain(CLIENT.secret)
  })
  it('has a secret that is read again when its reference changed', async () => {
    auth.client = { ...CLIENT }
    process.env[VARIABLE] = CLIENT.secret
    room.store.write.createConnection({
      name: 'up',
      kind: 'mcp',
      config: storedMcpConfig(config({ oauth_client_id: CLIENT.id })),
      secret_location: `env:${VARIABLE}`,
      secret_account: 'account-up',
      created_at: room.clock.now(),
    })
    await signIn()
    expect(await echo()).toMatchObject({ content: [{ type: 'text' }] })
    expect((await room.secrets.fetch('vault', 'account-up')).reveal()).not.toContain(CLIENT.secret)
    process.env[VARIABLE] = auth.client.secret = 'the-next-client-secret'
    await room.restart()
    auth.good.clear()
    expect(await echo()).toMatchObject({ content: [{ type: 'text' }] })
  })
  it('returns to its configured port at each sign-in, and reports that the port is in use', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    auth.client = CLIENT
    await room.add('up', config({ oauth_client_id: CLIENT.id, oauth_callback_port: port }), CLIENT.secret)
    await expect(room.mcp.signIn('up')).rejects.toThrow(`Callback port ${port} is in use`)
    await new Promise((resolve) => taken.close(resolve))
    await room.mcp.signIn('up')
    await signIn()
    expect(auth.authorizations[0]?.get('redirect_uri')).toBe(`http://127.0.0.1:${port}/callback`)
    expect(await echo()).toMatchObject({ content: [{ type: 'text' }] })
  })
})

describe('an error about a missing scope', () => {
  it('that was already requested leads to no further sign-in', async () => {
    await room.add('up', config())
    await signIn()
    auth.needs = 'mail:send'
    await expect(echo()).rejects.toThrow(
      'requires you to sign in again with the scope "mail:send". Sign in with hallpass sign-in up',
    )
    await signIn()
    // Rejects again, whatever was granted.
    server.intercept = ((before) => (request, response) => {
      if (request.rpc !== 'tools/call') return before?.(request, response) ?? false
      response.writeHead(403, { 'www-authenticate': 'Bearer error="insufficient_scope", scope="mail:send"' }).end()
      return true
    })(server.intercept)
    const refused = await echo().catch((error: Error) => error.message)
    expect(refused).toContain('although you signed in with the scope "mail:send"')
    expect(refused).not.toContain('requires you to sign in')
    expect(room.mcp.diagnostics('up').state).not.toBe('needs_sign_in')
  })
  it('requires the scope and the error code of the standard', async () => {
    await room.add('up', config())
    await signIn()
    for (const header of [
      'Bearer error="insufficient_scope"',
      'Bearer error="invalid_request", scope="a"',
      'Basic realm="x"',
      'Bearer error="insufficient_scope", scope="\u00e9"',
      'Basic error="insufficient_scope"',
    ]) {
      server.intercept = (request, response) => {
        if (request.rpc !== 'tools/call') return false
        response.writeHead(403, { 'www-authenticate': header }).end()
        return true
      }
      const refused = await echo().catch((thrown: unknown) => thrown)
      expect(refused).toMatchObject({ code: 'UPSTREAM_ERROR', message: expect.stringContaining('denied') })
      expect(refused).not.toMatchObject({ reason: 'needs_sign_in' })
    }
    expect(room.mcp.diagnostics('up').state).not.toBe('needs_sign_in')
  })
  it('leads to a sign-in with a limited number of scopes', async () => {
    await room.add('up', config())
    await signIn()
    let round = 0
    server.intercept = (request, response) => {
      if (request.rpc !== 'tools/call') return false
      round += 1
      response
        .writeHead(403, {
          'www-authenticate': `Bearer error="insufficient_scope", scope="${Array.from({ length: 30 }, (_, at) => `s${round}-${at}`).join(' ')}"`,
        })
        .end()
      return true
    }
    await expect(echo()).rejects.toThrow('"s1-0", "s1-1", "s1-2", "s1-3" and 26 more')
    await expect(echo()).rejects.toMatchObject({ reason: 'needs_sign_in' })
    await expect(echo()).rejects.toThrow('asks for more than 64 scopes')
  })
  it('leads to a sign-in without words that are not scopes', () => {
    expect(scopesOf(`a "b" c\\d \u202eevil ${'x'.repeat(300)} a`)).toEqual(['a'])
  })
  it('leads to a sign-in with all needed scopes, after which the same session continues', async () => {
    await room.add('up', config())
    await signIn()
    const session = room.mcp.openSession('up', quietClient())
    expect(await call(session)).toMatchObject({ content: [{ type: 'text' }] })
    for (const [needs, scope] of [
      ['mail:send', 'mail:send'],
      ['mail:drop', 'mail:send mail:drop'],
    ] as const) {
      auth.needs = needs
      await expect(call(session)).rejects.toThrow(`"${needs}"`)
      expect(room.mcp.diagnostics('up')).toMatchObject({
        state: 'needs_sign_in',
        message: expect.stringContaining(`"${needs}"`),
      })
      expect(room.health.at(-1)?.problem).toContain('requires you to sign in')
      await signIn()
      expect(scopeAsked(auth)).toBe(scope)
      expect(await call(session)).toMatchObject({ content: [{ type: 'text' }] })
      expect(room.mcp.diagnostics('up').state).not.toBe('needs_sign_in')
    }
    await room.restart()
    await signIn()
    expect(scopeAsked(auth)).toBe('mail:send mail:drop')
  })
  it('is forgotten if the server then rejects the scope', async () => {
    await room.add('up', config())
    await signIn()
    auth.needs = 'no-such-scope'
    await expect(echo()).rejects.toMatchObject({ reason: 'needs_sign_in' })
    const back = new URL((await room.mcp.signIn('up')).authorize_url)
    expect(back.searchParams.get('scope')).toBe('no-such-scope')
    const to = new URL(back.searchParams.get('redirect_uri') ?? '')
    to.search = new URLSearchParams({ error: 'invalid_scope', state: back.searchParams.get('state') ?? '' }).toString()
    const before = room.health.length
    await fetch(to)
    await eventually(() => room.health.length > before)
    expect(new URL((await room.mcp.signIn('up')).authorize_url).searchParams.get('scope')).toBeNull()
  })
})

describe('an upstream that moves to another authorization server', () => {
  it('sends it neither tokens nor registration of the previous one, and requires a new sign-in', async () => {
    await room.add('up', config())
    await signIn()
    const [old] = auth.good
    const first = auth.authorizations[0]?.get('client_id')
    const asked = auth.asked.length
    const other = await move()
    await expect(echo()).rejects.toThrow(`sign in at a different server than before: ${other.origin}`)
    expect(room.mcp.diagnostics('up')).toMatchObject({
      state: 'needs_sign_in',
      message: expect.stringContaining(other.origin),
    })
    expect(auth.asked).toHaveLength(asked)
    expect((await room.secrets.fetch('vault', 'account-up')).reveal()).not.toContain(old)
    server.seen.length = 0
    await expect(echo()).rejects.toMatchObject({ reason: 'needs_sign_in' })
    expect(JSON.stringify(server.seen)).not.toContain(old)
    await signIn()
    expect(other.registrations).toBe(1)
    expect(other.authorizations[0]?.get('client_id')).not.toBe(first)
    expect(await echo()).toMatchObject({ content: [{ type: 'text' }] })
    expect(room.mcp.diagnostics('up').state).not.toBe('needs_sign_in')
  })
  it('is rejected if the metadata are missing or belong to another resource', async () => {
    await room.add('up', config())
    await signIn()
    const guarded = server.intercept
    for (const metadata of [
      { resource: 'https://other.example/mcp', authorization_servers: ['https://evil.example'] },
      { authorization_servers: 1 },
      null,
    ]) {
      server.intercept = (request, response) => {
        if (!request.path.startsWith('/.well-known/')) return guarded?.(request, response) ?? false
        response
          .writeHead(metadata === null ? 500 : 200, { 'content-type': 'application/json' })
          .end(JSON.stringify(metadata))
        return true
      }
      auth.good.clear()
      expect(await echo()).toMatchObject({ content: [{ type: 'text' }] })
    }
  })
})
