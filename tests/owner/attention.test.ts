import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAboutToExpire } from '../../src/engine/owner/attention/open-causes.ts'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { newAccessToken } from '../../src/engine/text/token-format.ts'
import { prepareHome } from '../support/prepare-home.ts'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { createForwardClock } from '../support/test-clock.ts'

describe('attention', () => {
  const clock = createForwardClock()
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine({ clock })
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  const open = () => engine.owner.attention.list({ state: 'open' })
  const ofKind = async (kind: string) => (await open()).filter((item) => item.kind === kind)
  const mint = (token: string) =>
    post(`${engine.url}/api/v1/sessions`, token, { document: 'sales', permissions: ['read'] })
  async function accessToken(name: string, more: object = {}): Promise<string> {
    const { secret } = await engine.owner.tokens.create({
      project: 'demo',
      name,
      kind: 'access',
      grants: [{ connection: 'sales', permissions: ['read'] }],
      ...more,
    })
    return String(secret)
  }

  it('AT1 raises one item while 80% of a budget is used, until the budget is raised or the day ends', async () => {
    const token = await accessToken('ci', { budget: { requests: 5 } })
    const { body } = await mint(token)
    const read = () =>
      post(`${engine.url}/api/v1/proxy`, String(body['token']), { method: 'get_records', table: 'Orders', limit: 1 })
    for (let count = 0; count < 3; count += 1) await read()
    expect(await ofKind('budget')).toEqual([])
    await read()
    const [item, ...others] = await ofKind('budget')
    expect(others).toEqual([])
    expect(item).toMatchObject({ group: 'watch', subject: { project: 'demo', token: 'ci' } })
    expect(item?.sentence).toBe("ci has used 80% of today's 5 requests.")
    const { revision } = await engine.owner.tokens.get({ project: 'demo', name: 'ci' })
    await engine.owner.tokens.update({ project: 'demo', name: 'ci', revision, set: { budget: { requests: 50 } } })
    expect(await ofKind('budget')).toEqual([])
  })

  it('AT3 300 requests with a revoked token are one item that names the token', async () => {
    const token = await accessToken('last-quarter')
    await engine.owner.tokens.revoke({ project: 'demo', name: 'last-quarter' })
    for (let count = 0; count < 4; count += 1) await mint(token)
    expect(await ofKind('ended_token')).toEqual([])
    for (let count = 4; count < 300; count += 1) await mint(token)
    expect(await ofKind('ended_token')).toMatchObject([
      { group: 'watch', subject: { project: 'demo', token: 'last-quarter' }, snoozed_until: null },
    ])
    expect((await ofKind('ended_token'))[0]?.sentence).toContain('last-quarter')
  })

  it('AT1 raises one item for repeated denials of one cause, and counts it up', async () => {
    const token = await accessToken('report-agent')
    const deny = async (table: string) => {
      const { body } = await mint(token)
      return post(`${engine.url}/api/v1/proxy`, String(body['token']), { method: 'add_records', table, records: [{}] })
    }
    for (let count = 0; count < 4; count += 1) expect((await deny('Orders')).status).toBe(403)
    await deny('Customers')
    expect(await ofKind('refusals')).toEqual([])
    await deny('Orders')
    const [item] = await ofKind('refusals')
    expect(item).toMatchObject({ sentence: 'report-agent lacks write on sales, table Orders.', count: 5 })
    await deny('Orders')
    const [again, ...others] = await ofKind('refusals')
    expect(others).toEqual([])
    expect(again).toMatchObject({ id: item?.id, count: 6 })
    const rows = await engine.owner.requests.list({ cause: String(item?.cause), since: String(item?.since) })
    expect(rows).toHaveLength(6)
  })

  it('names an unknown token by its first characters', async () => {
    const unknown = newAccessToken()
    for (let count = 0; count < 6; count += 1) await mint(unknown.token)
    const [item] = await ofKind('unknown_token')
    expect(item?.sentence).toContain(unknown.prefix)
    expect(JSON.stringify(item)).not.toContain(unknown.token.slice(0, unknown.prefix.length + 4))
  })

  it('AT2 the status counts the open items', async () => {
    const items = await open()
    expect(items.length).toBeGreaterThan(1)
    const { attention } = await engine.owner.status()
    expect(attention).toMatchObject({ open: items.length, worst: items[0]?.group })
    for (const [project, worst] of Object.entries(attention.projects))
      expect(worst).toBe(items.find(({ subject }) => subject.project === project)?.group)
    expect(Object.keys(attention.projects).sort()).toEqual(
      [...new Set(items.flatMap(({ subject }) => subject.project ?? []))].sort(),
    )
    expect(items.map(({ group }) => ['decide', 'broken', 'watch'].indexOf(group))).toEqual(
      items.map(({ group }) => ['decide', 'broken', 'watch'].indexOf(group)).sort(),
    )
  })

  it('AT4 a snoozed item stays away until it is woken, and the status does not count it', async () => {
    const [first] = await open()
    const id = String(first?.id)
    const before = (await open()).length
    await engine.owner.attention.snooze({ id, until: new Date(clock.now() + 3_600_000).toISOString() })
    expect((await open()).map((item) => item.id)).not.toContain(id)
    expect((await engine.owner.status()).attention.open).toBe(before - 1)
    expect(await engine.owner.attention.list({ state: 'snoozed' })).toMatchObject([{ id }])
    await engine.owner.attention.wake({ id })
    expect((await open()).map((item) => item.id)).toContain(id)
    await engine.owner.attention.snooze({ id, until: 'changed' })
    expect(await engine.owner.attention.list({ state: 'snoozed' })).toMatchObject([{ id, snoozed_until: 'changed' }])
    await engine.owner.attention.wake({ id })
  })

  it('AT4 a snooze ends on time', async () => {
    const [first] = await open()
    const id = String(first?.id)
    await engine.owner.attention.snooze({ id, until: new Date(clock.now() + 60_000).toISOString() })
    expect((await open()).map((item) => item.id)).not.toContain(id)
    clock.forward(60_000)
    expect((await open()).map((item) => item.id)).toContain(id)
  })

  it('rejects a snooze of an unknown item, into the past, or for more than 30 days', async () => {
    const [first] = await open()
    const id = String(first?.id)
    const later = new Date(clock.now() + 60_000).toISOString()
    for (const [input, field] of [
      [{ id: 'refusals:none', until: later }, 'id'],
      [{ id, until: new Date(clock.now() - 1000).toISOString() }, 'until'],
      [{ id, until: new Date(clock.now() + 31 * 86_400_000).toISOString() }, 'until'],
      [{ id, until: 'tomorrow' }, 'until'],
    ] as const)
      await expect(engine.owner.attention.snooze(input)).rejects.toMatchObject({
        data: { code: 'INVALID_REQUEST', field },
      })
    expect(await engine.owner.attention.list({ state: 'snoozed' })).toEqual([])
  })

  it('OV4 lists the newest request of each active token', async () => {
    const token = await accessToken('busy')
    const { body } = await mint(token)
    const session = String(body['token'])
    for (let count = 0; count < 3; count += 1)
      await post(`${engine.url}/api/v1/proxy`, session, { method: 'get_records', table: 'Orders', limit: 1 })
    const [newest, ...others] = await engine.owner.requests.active()
    expect(newest).toMatchObject({ parent: 'busy', method: 'get_records', permission: 'read', status: 200 })
    expect(others.filter((row) => row.parent === 'busy')).toEqual([])
  })
})

describe('items that ended', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-ended-items-'))
  const [home, user, program] = [join(folder, 'home'), join(folder, 'user'), join(folder, 'hallpass')]
  const clock = createForwardClock()
  let engine: TestEngine
  beforeAll(async () => {
    for (const path of [home, join(user, '.cursor')]) mkdirSync(path, { recursive: true, mode: 0o700 })
    writeFileSync(program, '')
    chmodSync(program, 0o700)
    await prepareHome(home)
    engine = await start()
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const start = () =>
    startTestEngine({
      home,
      clock,
      clients: {
        launch: { command: [program], environment: {} },
        places: { platform: 'linux', home: user, environment: {} },
      },
    })
  const list = async (state: 'open' | 'resolved', kind: string) =>
    (await engine.owner.attention.list({ state })).filter((item) => item.kind === kind)
  const test = () => engine.owner.connections.test({ name: 'api' })

  it('AT1 a drifted entry of a client is one item until it is repaired', async () => {
    await engine.owner.tokens.create({ project: 'demo', name: 'desk', kind: 'local' })
    const entry = { client: 'cursor', project: 'demo', token: 'desk' }
    await engine.owner.clients.connect(entry)
    expect(await list('open', 'client_drifted')).toEqual([])
    await engine.owner.tokens.revoke({ project: 'demo', name: 'desk' })
    const [item, ...others] = await list('open', 'client_drifted')
    expect(others).toEqual([])
    expect(item).toMatchObject({ group: 'broken', subject: { project: 'demo' } })
    expect(item?.sentence).toContain('Cursor')
    await engine.owner.tokens.create({ project: 'demo', name: 'desk-2', kind: 'local' })
    await engine.owner.clients.connect({ ...entry, token: 'desk-2' })
    expect(await list('open', 'client_drifted')).toEqual([])
    expect(await list('resolved', 'client_drifted')).toMatchObject([{ id: item?.id }])
  })

  it('AT1 another program that breaks an entry is noticed within a minute', async () => {
    rmSync(program)
    clock.forward(60_000)
    expect(await list('open', 'client_drifted')).toHaveLength(1)
    expect(await list('resolved', 'client_drifted')).toEqual([])
    writeFileSync(program, '')
    chmodSync(program, 0o700)
    clock.forward(60_000)
    expect(await list('open', 'client_drifted')).toEqual([])
  })

  it('AT1 are listed with the time of their end, also after a restart, until they open again', async () => {
    const server = createServer((_request, response) => void response.end('{}'))
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as AddressInfo
    const url = `http://127.0.0.1:${port}`
    await engine.owner.connections.create({
      name: 'api',
      project: 'demo',
      config: { kind: 'http', url },
    })
    expect(await list('open', 'connection_down')).toEqual([])
    const stopped = new Promise((done) => server.close(done))
    server.closeAllConnections()
    await stopped
    await test()
    await test()
    expect(await list('open', 'connection_down')).toMatchObject([
      { subject: { connection: 'api' }, since: expect.any(String), ended_at: null },
    ])
    expect(await list('resolved', 'connection_down')).toEqual([])
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
    await test()
    const before = clock.now()
    const [ended] = await list('resolved', 'connection_down')
    expect(Math.abs(Date.parse(String(ended?.ended_at)) - before)).toBeLessThan(60_000)
    await engine.stop()
    engine = await start()
    expect(await list('resolved', 'connection_down')).toEqual([ended])
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
    await test()
    expect(await list('open', 'connection_down')).toHaveLength(1)
    expect(await list('resolved', 'connection_down')).toEqual([])
    await engine.owner.connections.delete({ name: 'api' })
    expect(await list('resolved', 'connection_down')).toHaveLength(1)
  })

  it('are forgotten after 30 days, and at most 200 are listed', async () => {
    for (let count = 0; count < 210; count += 1) {
      const name = `t${count}`
      await engine.owner.tokens.create({ project: 'demo', name, kind: 'local', ttl: '1h' })
    }
    clock.forward(3_590_000)
    const expiring = (await list('open', 'token_expiring')).length
    expect(expiring).toBeGreaterThanOrEqual(210)
    clock.forward(20_000)
    expect(await engine.owner.attention.list({ state: 'resolved' })).toHaveLength(200)
    clock.forward(31 * 86_400_000)
    expect(await engine.owner.attention.list({ state: 'resolved' })).toEqual([])
  })
})

describe('a token that is about to expire', () => {
  const day = 86_400_000
  const token = (life: number | null, status: 'active' | 'revoked' = 'active') => ({
    status,
    created_at: new Date(0).toISOString(),
    expires_at: life === null ? null : new Date(life * day).toISOString(),
  })

  it.each([
    ['in the last 7 days of a year', token(365), 357.9, false],
    ['in the last 7 days of a year', token(365), 358, true],
    ['in the last tenth of 30 days', token(30), 26.9, false],
    ['in the last tenth of 30 days', token(30), 27, true],
    ['never without an expiry', token(null), 1000, false],
    ['never after it was revoked', token(30, 'revoked'), 29, false],
  ])('AT1 is raised %s', (_when, given, days, expected) => {
    expect(isAboutToExpire(given, days * day)).toBe(expected)
  })
})
