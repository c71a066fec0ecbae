import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { array, assert, asyncProperty, constantFrom, option, record, subarray, uniqueArray } from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Grant } from '../../src/contract/grants.ts'
import { fixture } from '../mcp-upstreams/support/mcp-room.ts'
import { post } from '../support/start-test-engine.ts'
import { createTestClock } from '../support/test-clock.ts'
import { until } from '../support/until.ts'
import { addApi, openCommandLine, type CommandLine } from './support/cli-in-process.ts'

const HOUR = 3_600_000

let line: CommandLine
let api: Server
let keys: (string | undefined)[] = []
let origin: string
const clock = createTestClock(Date.UTC(2026, 10, 28))
const sessionStatus = async (secret: string, permissions: string[] = ['read']): Promise<number> =>
  (await post(`${line.engine.url}/api/v1/sessions`, secret, { document: 'sales', permissions })).status
const ok = (out: string) => ({ code: 0, out: expect.stringContaining(out) as string })
const invalid = (err: string) => ({ code: 2, err: expect.stringContaining(err) as string })

beforeAll(async () => {
  api = createServer((request, response) => {
    keys.push(request.headers.authorization)
    if (request.url?.startsWith('/page') === true) response.end('<html>hello</html>')
    else response.writeHead(request.url?.includes('/gone') === true ? 500 : 200).end('{}')
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  line = await openCommandLine({ clock })
  await addApi(line, 'stays', origin, 'first key')
})
afterAll(async () => {
  await line[Symbol.asyncDispose]()
  await new Promise((resolve) => api.close(resolve))
})

describe('update project', () => {
  it('changes description and pin, and records payloads for some days', async () => {
    const ran = await line.run(
      'update',
      'project',
      'demo',
      '--description',
      'Our stays',
      '--pinned',
      '--payloads',
      '7d',
    )
    expect(ran).toMatchObject(ok('Payloads: recorded until 2026-12-05'))
    expect(await line.engine.owner.projects.get({ name: 'demo' })).toMatchObject({
      description: 'Our stays',
      pinned: true,
      payloads: 'on',
      payloads_until: '2026-12-05T00:00:00.000Z',
    })
    expect(await line.run('describe', 'project', 'demo')).toMatchObject(ok('Our stays'))
    expect(await line.run('update', 'project', 'demo', '--payloads', '31d')).toMatchObject(invalid('1d to 30d'))
    expect(await line.run('update', 'project', 'demo')).toMatchObject(invalid('Nothing to update'))
  })
  it('shows the payload of a request and its response', async () => {
    const secret = (
      await line.engine.owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
    ).token
    await post(`${line.engine.url}/api/v1/proxy`, secret, { method: 'list_tables' })
    const list = await line.engine.owner.requests.list({ method: 'list_tables', limit: 1 })
    const row = String(list[0]?.id)
    await until('the payload is stored', async () => (await line.run('logs', 'payload', row)).code === 0)
    expect(await line.run('logs', 'payload', row)).toMatchObject(ok('{"method":"list_tables"}'))
    expect(await line.run('update', 'project', 'demo', '--no-pinned', '--payloads', 'off')).toMatchObject(
      ok('Payloads: not recorded'),
    )
    expect(await line.run('logs', 'payload', row)).toMatchObject(invalid('has no recorded payload'))
  })
})

describe('update connection', () => {
  it('changes address and rules after a test, and preserves secret and grants', async () => {
    await line.run('create', 'token', 'guest', '-p', 'demo', '--bind', 'role:viewer,connection:stays,path:/v2/*')
    keys = []
    const ran = await line.run('update', 'connection', 'stays', '--url', `${origin}/v2`, '--rule', 'POST /search=read')
    expect(ran).toMatchObject(ok('Updated connection stays'))
    expect(ran.out).toContain(`+url: ${origin}/v2`)
    expect(keys).toEqual(['Bearer first key'])
    const details = await line.engine.owner.connections.http({ name: 'stays' })
    expect([details.base, details.rules[0]?.permission, details.auth]).toEqual([`${origin}/v2`, 'read', 'bearer'])
    expect((await line.engine.owner.tokens.get({ project: 'demo', name: 'guest' })).grants).toHaveLength(1)
  })
  it('changes nothing if the test fails, and nothing with --dry-run', async () => {
    for (const more of [
      ['--health', '/gone'],
      ['--timeout', '5s', '--dry-run'],
    ])
      await line.run('update', 'connection', 'stays', ...more)
    const { health_path: health, timeout_ms: timeout } = await line.engine.owner.connections.http({ name: 'stays' })
    expect([health, timeout]).toEqual([null, 120_000])
  })
  it('rejects options of other kinds, and a call without options', async () => {
    expect(await line.run('update', 'connection', 'stays', '--path', 'x')).toMatchObject(invalid('--path'))
    expect(await line.run('update', 'connection', 'sales', '--rule', '/x=read')).toMatchObject(invalid('--rule'))
    expect(await line.run('update', 'connection', 'stays')).toMatchObject(invalid('Nothing to update'))
  })
  it('replaces a secret after testing it', async () => {
    keys = []
    expect(await line.feed('second key', 'update', 'connection', 'stays', '--secret-stdin')).toMatchObject(
      ok('Replaced'),
    )
    expect(keys).toEqual(['Bearer second key'])
  })
})

describe('update connection to another address', () => {
  const stored = () => line.engine.owner.connections.get({ name: 'moving' })
  const update = (...args: string[]) => line.run('update', 'connection', 'moving', ...args)
  let other: string
  beforeAll(async () => {
    // The same server, but another origin.
    other = origin.replace('127.0.0.1', 'localhost')
    await addApi(line, 'moving', origin, 'old key')
  })

  it('sends the stored secret only to its old address', async () => {
    keys = []
    for (const args of [
      ['--url', other],
      ['--url', `${other}/v2`, '--pin'],
      ['--auth', 'oauth', '--token-url', `${other}/token`, '--client-id', 'me'],
    ]) {
      const ran = await update(...args)
      expect(ran).toMatchObject(invalid('--keep-secret'))
      expect(ran.err).toContain(other)
    }
    const planned = await update('--url', other, '--dry-run')
    expect([planned.code, planned.err]).toEqual([0, expect.stringContaining(other)])
    expect([keys, (await stored()).target]).toEqual([[], origin])
  })
  it('preserves the old address and secret if the new secret fails there', async () => {
    expect(
      (await line.feed('new key', 'update', 'connection', 'moving', '--url', `${other}/gone`, '--secret-stdin')).code,
    ).toBe(1)
    keys = []
    expect((await line.run('test', 'connection', 'moving')).code).toBe(0)
    expect([keys, (await stored()).target]).toEqual([['Bearer old key'], origin])
  })
  it('accepts a new secret with the address, and sends nothing of the old one', async () => {
    clock.advance(1000)
    keys = []
    expect(
      await line.feed('new key', 'update', 'connection', 'moving', '--url', other, '--secret-stdin'),
    ).toMatchObject(ok('Updated connection moving'))
    await line.run('test', 'connection', 'moving')
    expect((await stored()).secret_set_at).toBe(new Date(clock.now()).toISOString())
    expect([new Set(keys), (await stored()).target]).toEqual([new Set(['Bearer new key']), other])
  })
  it('sends a variable that contains its secret only to its old address', async () => {
    process.env['TEST_KEY_OF_MOVING'] = 'a key of the environment'
    onTestFinished(() => void delete process.env['TEST_KEY_OF_MOVING'])
    const server = ['--type', 'http', '--url', origin, '--auth', 'bearer', '--secret-ref', 'env:TEST_KEY_OF_MOVING']
    expect(await line.run('create', 'connection', 'by-variable', '-p', 'demo', ...server)).toMatchObject({ code: 0 })
    keys = []
    const ran = await line.run('update', 'connection', 'by-variable', '--url', other)
    expect(ran).toMatchObject(invalid('--keep-secret'))
    expect(keys).toEqual([])
    // The same value again was entered by the owner.
    const again = ['--url', other, '--secret-ref', 'env:TEST_KEY_OF_MOVING']
    expect(await line.run('update', 'connection', 'by-variable', ...again)).toMatchObject({ code: 0 })
  })
  it('sends the stored secret with --keep-secret', async () => {
    keys = []
    const ran = await update('--url', origin, '--keep-secret')
    expect([ran.code, ran.err]).toEqual([0, expect.stringContaining(origin)])
    expect([keys, (await stored()).target]).toEqual([['Bearer new key'], origin])
  })
})

describe('update connection to another command', () => {
  it('passes the stored secret to a differently started program only if the owner allows it', async () => {
    const { command = '', args = [] } = fixture()
    const words = args.flatMap((arg) => ['--arg', arg])
    const server = ['--type', 'mcp', '--command', command, ...words, '--env', 'KEY=keychain', '--secret-stdin']
    expect(await line.feed('a key', 'create', 'connection', 'program', ...server)).toMatchObject({ code: 0 })
    for (const change of [
      [...words, '--arg', '--report-to=https://elsewhere.example'],
      ['--env', 'KEY=keychain', '--env', 'REPORT_TO=plain:https://elsewhere.example'],
    ]) {
      const ran = await line.run('update', 'connection', 'program', ...change)
      expect(ran).toMatchObject(invalid('--keep-secret'))
      expect(await line.run('update', 'connection', 'program', ...change, '--keep-secret')).toMatchObject({ code: 0 })
    }
    // Settings that don't affect the start need no permission.
    expect(await line.run('update', 'connection', 'program', '--trust', 'all')).toMatchObject({ code: 0 })
  })
})

describe('update connection --no-… and --unset', () => {
  it('turn off and remove what the other options set', async () => {
    const on = ['--pin', '--plain-http', '--allow-encoded-slash', '--allow-range', '--proxy', 'none', '--health', '/up']
    await addApi(line, 'plain', origin, 'a key', ...on, '--timeout', '5s', '--concurrency', '2', '--rule', '/x=read')
    const config = async () => {
      const { configuration } = await line.engine.owner.configuration.export({})
      return configuration.connections?.['plain']
    }
    expect(Object.keys((await config()) ?? {})).toHaveLength(13)
    const off = ['--no-pin', '--no-plain-http', '--no-allow-encoded-slash', '--no-allow-range']
    const removed = ['proxy', 'health', 'timeout', 'concurrency', 'rule'].flatMap((setting) => ['--unset', setting])
    const ran = await line.run('update', 'connection', 'plain', ...off, ...removed)
    expect(ran).toMatchObject(ok('Updated connection plain'))
    expect(await config()).toEqual({ kind: 'http', url: origin, auth: { type: 'bearer' }, secret: 'keychain' })
  })
  it('are rejected for a setting that has no default, is set at the same time or is of another kind', async () => {
    const update = (...args: string[]) => line.run('update', 'connection', 'plain', ...args)
    expect(await update('--unset', 'url')).toMatchObject(invalid('url'))
    expect(await update('--unset', 'helth')).toMatchObject(invalid('closest setting is health'))
    expect(await update('--unset', 'rule', '--rule', '/x=read')).toMatchObject(invalid('--unset rule'))
    expect(await update('--unset', 'header')).toMatchObject(invalid('--header'))
    expect(await update('--no-oauth')).toMatchObject(invalid('--oauth'))
  })
})

describe('update token --bind', () => {
  it('replaces all grants, shows the difference, and applies to the same secret immediately', async () => {
    const secret = (
      await line.run('create', 'token', 'ci', '-p', 'demo', '--bind', 'role:editor,connection:sales')
    ).out.trim()
    const args = ['update', 'token', 'ci', '-p', 'demo', '--bind', 'role:viewer,connection:sales,table:Orders']
    expect((await line.run(...args, '--dry-run')).out).toContain('- sales: read, write')
    expect(await sessionStatus(secret, ['write'])).toBe(200)
    const ran = await line.run(...args)
    expect(ran.out).toMatch(/^- sales: read, write\n\+ sales: read \(tables: Orders\)\nUpdated token ci/)
    expect([await sessionStatus(secret, ['write']), await sessionStatus(secret)]).toEqual([403, 200])
  })
  it('rejects tables that do not exist, with the nearest name, unless missing ones are allowed', async () => {
    const args = ['-p', 'demo', '--bind', 'role:viewer,connection:sales,table:Ordres']
    expect(await line.run('update', 'token', 'ci', ...args)).toMatchObject(invalid('The closest table is Orders'))
    expect(await line.run('create', 'token', 'later', ...args)).toMatchObject(invalid('The closest table is Orders'))
    expect(await line.run('create', 'token', 'later', ...args, '--allow-missing')).toMatchObject({ code: 0 })
    const session = ['session', '-p', 'demo', '--document', 'sales', '--permissions', 'read', '--resource', 'Ordres']
    expect(await line.run(...session)).toMatchObject(invalid('--allow-missing'))
    expect(await line.run(...session, '--allow-missing')).toMatchObject(ok('sess_'))
  })
})

describe('update token --dry-run', () => {
  it('shows every setting that would change, and changes none', async () => {
    await line.run('create', 'token', 'dry', '-p', 'demo', '--clone', '--rate', '9/s')
    const ran = await line.run('update', 'token', 'dry', '-p', 'demo', '--rate', '5/s', '--mode', 'search', '--dry-run')
    expect([ran.code, ran.out]).toEqual([0, '+ rate: 5/s\n+ mode: search\n'])
    expect((await line.engine.owner.tokens.get({ project: 'demo', name: 'dry' })).rate).toBe('9/s')
  })
})

describe('update token --pause', () => {
  it('rejects both flags together, pauses that token alone, and resumes it', async () => {
    const secret = (await line.run('create', 'token', 'resting', '-p', 'demo', '--clone')).out.trim()
    expect((await line.run('update', 'token', 'resting', '-p', 'demo', '--pause', '--resume')).code).toBe(2)
    expect(await sessionStatus(secret)).toBe(200)
    expect((await line.run('update', 'token', 'resting', '-p', 'demo', '--pause')).out).toContain('paused')
    expect(await sessionStatus(secret)).toBe(503)
    expect((await line.run('get', 'tokens', '-p', 'demo')).out).toMatch(/resting.*paused/)
    await line.run('update', 'token', 'resting', '-p', 'demo', '--resume')
    expect(await sessionStatus(secret)).toBe(200)
  })
})

describe('rotate token --overlap', () => {
  it('accepts the old secret until the overlap ends', async () => {
    const old = (await line.run('create', 'token', 'slow', '-p', 'demo', '--clone')).out.trim()
    expect(await sessionStatus(old)).toBe(200)
    const next = (await line.run('rotate', 'token', 'slow', '-p', 'demo', '--overlap', '1h')).out.trim()
    expect([await sessionStatus(old), await sessionStatus(next)]).toEqual([200, 200])
    clock.advance(HOUR - 1000)
    expect(await sessionStatus(old)).toBe(200)
    clock.advance(1000)
    expect([await sessionStatus(next), await sessionStatus(old)]).toEqual([200, 401])
    const [row] = await line.engine.owner.requests.list({ status: '401', limit: 1 })
    expect(row).toMatchObject({ token: 'slow', token_state: 'rotated' })
  })
  it('ends the old secret when the token is revoked or rotated again', async () => {
    const secrets = [(await line.run('create', 'token', 'twice', '-p', 'demo', '--clone')).out.trim()]
    for (const overlap of ['1h', '1h'])
      secrets.push((await line.run('rotate', 'token', 'twice', '-p', 'demo', '--overlap', overlap)).out.trim())
    expect(await Promise.all(secrets.map((one) => sessionStatus(one)))).toEqual([401, 200, 200])
    await line.run('revoke', 'token', 'twice', '-p', 'demo')
    expect(await Promise.all(secrets.map((one) => sessionStatus(one)))).toEqual([401, 401, 401])
  })
  it('accepts a duration of at most 7 days', async () => {
    for (const overlap of ['8d', '1.5h', '0s', 'long'])
      expect(await line.run('rotate', 'token', 'slow', '-p', 'demo', '--overlap', overlap)).toMatchObject(
        invalid('--overlap'),
      )
  })
})

describe('rename', () => {
  it('preserves grants and session tokens of a connection', async () => {
    const secret = (
      await line.run('create', 'token', 'mover', '-p', 'demo', '--bind', 'role:viewer,connection:stays')
    ).out.trim()
    const session = await post(`${line.engine.url}/api/v1/sessions`, secret, {
      connection: 'stays',
      permissions: ['read'],
    })
    const call = (name: string, token: unknown) =>
      fetch(`${line.engine.url}/api/v1/http/${name}/x`, { headers: { authorization: `Bearer ${String(token)}` } })
    expect((await call('stays', session.body['token'])).status).toBe(200)
    expect(await line.run('rename', 'connection', 'stays', 'rooms')).toMatchObject(
      ok('Renamed connection stays to rooms'),
    )
    expect((await call('stays', session.body['token'])).status).toBe(403)
    expect((await line.engine.owner.tokens.get({ project: 'demo', name: 'mover' })).grants[0]?.connection).toBe('rooms')
    expect((await call('rooms', session.body['token'])).status).toBe(200)
  })
  it('gives a project another endpoint, and preserves the secret of a token', async () => {
    const secret = (await line.run('create', 'token', 'named', '-p', 'demo', '--clone')).out.trim()
    await line.run('rename', 'token', 'named', 'renamed', '-p', 'demo')
    expect(await sessionStatus(secret)).toBe(200)
    await line.run('rename', 'project', 'demo', 'work')
    const endpoint = (project: string) =>
      post(`${line.engine.url}/projects/${project}/mcp`, secret, {}).then(({ status }) => status)
    expect(await endpoint('demo')).toBe(403)
    expect(await endpoint('work')).not.toBe(403)
    await line.run('rename', 'project', 'work', 'demo')
  })
  it('rejects invalid names and names that exist', async () => {
    await line.run('create', 'project', 'other')
    expect(await line.run('rename', 'project', 'demo', 'other')).toMatchObject(invalid('already exists'))
    expect(await line.run('rename', 'connection', 'rooms', 'sales')).toMatchObject(invalid('already exists'))
    expect(await line.run('rename', 'connection', 'rooms', 'No Name')).toMatchObject({ code: 2 })
    expect(await line.run('rename', 'token', 'mover', 'x')).toMatchObject(invalid('-p, --project'))
  })
})

describe('logs', () => {
  it('pages back to the first request and stops there', async () => {
    for (let made = 0; made < 7; made += 1)
      await line.run('session', '-p', 'demo', '--document', 'sales', '--permissions', 'read')
    const seen: number[] = []
    let more: string[] = []
    for (;;) {
      const page = await line.run('logs', '--limit', '3', '--method', 'sessions.mint', '-o', 'json', ...more)
      seen.unshift(...(JSON.parse(page.out) as { id: number }[]).map(({ id }) => id))
      const next = /--before (\d+)/.exec(page.err)?.[1]
      if (next === undefined) break
      more = ['--before', next]
    }
    expect(seen.length).toBeGreaterThanOrEqual(7)
    expect(seen).toEqual([...new Set(seen)].toSorted((one, other) => one - other))
    expect(await line.run('logs', '--before', 'x')).toMatchObject(invalid('--before'))
  })
  it('reports a filter that names nothing', async () => {
    expect((await line.run('logs', '--connection', 'slaes')).err).toContain('The closest is sales')
  })
})

describe('test mcp', () => {
  it('exits 2 for a server that does not speak MCP and 1 for one that it can’t reach', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const closed = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
    await new Promise((resolve) => server.close(resolve))
    for (const [url, code, sentence] of [
      [`${origin}/page`, 2, "isn't an MCP server"],
      [closed, 1, 'connection refused'],
    ] as const) {
      const ran = await line.run('test', 'mcp', url, '--timeout', '5')
      expect([ran.code, ran.out, ran.err]).toEqual([code, expect.stringContaining(sentence), ''])
      expect(ran.out.split('\n').filter((row) => row.includes('FAIL'))).toHaveLength(1)
      expect(ran.out).not.toMatch(/invalid_type|expected|\{/)
    }
  })
})

describe('may', () => {
  const METHODS: Readonly<Record<string, { permission: string; body: object }>> = {
    list_tables: { permission: 'read', body: {} },
    get_records: { permission: 'read', body: { table: 'Orders', limit: 1 } },
    sql_query: { permission: 'read', body: { query: 'SELECT 1 AS one' } },
    delete_records: { permission: 'write', body: { table: 'Orders', record_ids: [] } },
    delete_column: { permission: 'schema', body: { table: 'Orders', column_id: 'nothing_like_it' } },
  }
  const grant = record({
    connection: constantFrom('sales', 'halls'),
    permissions: uniqueArray(constantFrom('read' as const, 'write' as const, 'schema' as const), {
      minLength: 1,
    }),
    tables: option(subarray(['Orders', 'Customers'], { minLength: 1 })),
  })

  beforeAll(async () => {
    const rules = [{ methods: ['POST' as const], path: '/v1/rooms/search', permission: 'read' as const }]
    await line.engine.owner.configuration.apply({
      configuration: {
        version: 1,
        connections: {
          halls: { kind: 'http', url: origin, rules },
          away: { kind: 'http', url: origin },
        },
        projects: {
          demo: {
            connections: ['halls'],
            tokens: {
              hard: {
                grants: [
                  { connection: 'sales', permissions: ['read'], tables: ['Orders'] },
                  { connection: 'halls', permissions: ['read'], paths: ['/v1/rooms/*'] },
                ],
              },
            },
          },
        },
      },
    })
  })

  it.each<[string, string[], boolean, string]>([
    ['a table outside the grant', ['get_records', 'sales', 'Customers'], false, 'Customers'],
    ['SQL, which reads around tables', ['sql_query', 'sales'], false, 'limited to certain tables'],
    ['writing with a read grant', ['add_records', 'sales', 'Orders'], false, 'write'],
    ['a new column without schema', ['add_column', 'sales', 'Orders'], false, 'schema'],
    ['a listing, which hides other tables', ['list_tables', 'sales'], true, 'sales: read'],
    ['a path below the grant', ['GET', 'halls', '/v1/rooms/7'], true, 'paths: /v1/rooms/*'],
    ['a path beside the grant', ['GET', 'halls', '/v1/roomsets'], false, '/v1/roomsets'],
    ['a path that climbs out of the grant', ['GET', 'halls', '/v1/rooms/../guests'], false, 'guests'],
    ['a method that a rule makes reading', ['POST', 'halls', '/v1/rooms/search'], true, 'Needs read'],
    ['a method that needs write', ['DELETE', 'halls', '/v1/rooms/7'], false, 'write'],
    ['a connection outside the project', ['GET', 'away', '/'], false, "isn't in project"],
  ])('decides about %s', async (_, args, isAllowed, text) => {
    const ran = await line.run('may', '-p', 'demo', '--token', 'hard', ...args)
    expect([ran.code, ran.out]).toEqual([isAllowed ? 0 : 1, expect.stringContaining(text)])
  })

  it('suggests a command that allows it and preserves the rest', async () => {
    const args = ['may', '-p', 'demo', '--token', 'hard']
    const { err } = await line.run(...args, 'add_records', 'sales', 'Customers')
    const command = /hallpass (update token .*)$/m.exec(err)?.[1] ?? ''
    expect(await line.run(...command.replaceAll("'", '').split(' '))).toMatchObject({ code: 0 })
    for (const call of [
      ['add_records', 'sales', 'Customers'],
      ['get_records', 'sales', 'Orders'],
      ['GET', 'halls', '/v1/rooms/7'],
    ])
      expect(await line.run(...args, ...call)).toMatchObject({ code: 0 })
    expect((await line.run(...args, 'add_records', 'sales', 'Orders')).code).toBe(1)
  })

  it('gives the same answer as a real call', async () => {
    let number = 0
    await assert(
      asyncProperty(array(grant, { maxLength: 3 }), constantFrom(...Object.keys(METHODS)), async (drawn, method) => {
        number += 1
        const grants = drawn.map(({ tables, ...one }): Grant => ({
          ...one,
          ...(tables === null || one.connection !== 'sales' ? {} : { tables }),
        }))
        const name = `drawn-${number}`
        const { secret } = await line.engine.owner.tokens.create({ project: 'demo', name, kind: 'access', grants })
        const { permission, body } = METHODS[method] ?? { permission: '', body: {} }
        const resource = 'table' in body ? ['Orders'] : []
        const said = await line.run('may', '-p', 'demo', '--token', name, method, 'sales', ...resource)
        const session = await post(`${line.engine.url}/api/v1/sessions`, secret, {
          document: 'sales',
          permissions: [permission],
        })
        const call =
          session.status === 200
            ? await post(`${line.engine.url}/api/v1/proxy`, String(session.body['token']), { method, ...body })
            : session
        expect([said.code, call.status]).toEqual(call.status === 403 ? [1, 403] : [0, call.status])
        expect(said.err.includes('To allow it, run')).toBe(call.status === 403)
      }),
      { numRuns: 30 },
    )
  })
})
