import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestFilter } from '../../src/contract/owner-api/requests-api.ts'
import { eachRow } from '../../src/contract/owner-api/log-events.ts'
import type { RequestRecord } from '../../src/contract/records.ts'
import { newAccessToken } from '../../src/engine/text/token-format.ts'
import { sealedText } from '../../src/engine/store/requests/request-rows.ts'
import type { Clock } from '../../src/engine/clock.ts'
import { openingRecord } from '../../src/engine/log/opening-record.ts'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { createForwardClock } from '../support/test-clock.ts'

describe('a row of the request log', () => {
  const clock = createForwardClock()
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine({ clock })
  })
  afterAll(() => engine.stop())

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

  async function session(token: string, more: object = {}): Promise<string> {
    const { body } = await post(`${engine.url}/api/v1/sessions`, token, {
      document: 'sales',
      permissions: ['read'],
      ...more,
    })
    return String(body['token'])
  }

  const call = (token: string, body: object) => post(`${engine.url}/api/v1/proxy`, token, body)
  const mint = (token: string) =>
    post(`${engine.url}/api/v1/sessions`, token, { document: 'sales', permissions: ['read'] })

  async function newest(filter: RequestFilter = {}): Promise<RequestRecord> {
    const [row] = await engine.owner.requests.list({ ...filter, owner_actions: 'without', limit: 1 })
    if (row === undefined) throw new Error('There is no row.')
    return row
  }

  it('LG1 names a token that expired or was revoked, rotated, deleted or replaced, its project and state, also after a restart', async () => {
    const revoked = await accessToken('was-revoked')
    await engine.owner.tokens.revoke({ project: 'demo', name: 'was-revoked' })
    const rotated = await accessToken('was-rotated')
    await engine.owner.tokens.rotate({ project: 'demo', name: 'was-rotated' })
    const deleted = await accessToken('was-deleted')
    await engine.owner.tokens.delete({ project: 'demo', name: 'was-deleted' })
    const replaced = await accessToken('was-replaced')
    await accessToken('was-replaced', { force: true })
    const expired = await accessToken('was-expired', { ttl: '1h' })
    clock.forward(3_600_000)
    expect((await mint(expired)).status).toBe(401)
    const restarted = await startTestEngineAgain(engine, clock)
    engine = restarted
    for (const [token, name, state] of [
      [expired, 'was-expired', 'expired'],
      [revoked, 'was-revoked', 'revoked'],
      [rotated, 'was-rotated', 'rotated'],
      [deleted, 'was-deleted', 'deleted'],
      [replaced, 'was-replaced', 'deleted'],
    ] as const) {
      expect((await mint(token)).status).toBe(401)
      expect(await newest()).toMatchObject({ project: 'demo', token: name, token_state: state, token_prefix: null })
    }
  })

  it('counts the attempts with an ended token as the log does, where one row stands for several', async () => {
    const ended = await accessToken('last-quarter')
    expect((await mint(ended)).status).toBe(200)
    const tries = async () => {
      const { rows } = await engine.owner.requests.top({ by: 'token', project: 'demo', since: '24h', limit: 1000 })
      return rows.find(({ name }) => name === 'last-quarter')?.tries_after_end
    }
    expect(await tries()).toBeNull()
    await engine.owner.tokens.revoke({ project: 'demo', name: 'last-quarter' })
    for (let count = 0; count < 214; count += 1) expect((await mint(ended)).status).toBe(401)
    clock.forward(60_000)
    // Writes the row that counts the attempts of the minute before.
    await mint(ended)
    const rows = (await engine.owner.requests.list({ token: 'last-quarter', status: '401', limit: 1000 })).filter(
      ({ token_state: state }) => state === 'revoked',
    )
    expect(rows.length).toBeLessThan(10)
    expect(rows.reduce((sum, { records }) => sum + records, 0)).toBe(215)
    expect(await tries()).toBe(215)
  })

  it('LG1 names the session token and its token after either has ended', async () => {
    const token = await accessToken('parent')
    const ended = await session(token)
    const { sessions } = { sessions: await engine.owner.sessions.list({ project: 'demo' }) }
    const id = sessions.find(({ parent }) => parent === 'parent')?.id
    await engine.owner.tokens.revoke({ project: 'demo', name: 'parent' })
    expect((await call(ended, { method: 'list_tables' })).status).toBe(401)
    expect(await newest()).toMatchObject({ token: id, parent: 'parent', token_kind: 'session', token_state: 'revoked' })
    const other = await accessToken('sparing')
    const spent = await session(other, { max_requests: 1 })
    expect((await call(spent, { method: 'list_tables' })).status).toBe(200)
    expect((await call(spent, { method: 'list_tables' })).status).toBe(401)
    expect(await newest()).toMatchObject({ parent: 'sparing', token_state: 'expired' })
  })

  it('LG1 shows the first characters of an unknown token, and never more', async () => {
    const unknown = newAccessToken()
    expect((await mint(unknown.token)).status).toBe(401)
    const row = await newest()
    expect(row).toMatchObject({ token: null, project: null, token_state: 'unknown', token_prefix: unknown.prefix })
    expect(JSON.stringify(row)).not.toContain(unknown.token.slice(0, unknown.prefix.length + 4))
  })

  it('LG2 names what a denied request needed and what its token held then, and LG3 the grant that allowed another', async () => {
    const token = await accessToken('nightly', {
      grants: [
        { connection: 'sales', permissions: ['read'] },
        { connection: 'sales', permissions: ['write'], tables: ['Customers'] },
      ],
    })
    const write = await session(token, { permissions: ['read'] })
    const refused = await call(write, { method: 'add_records', table: 'Orders', records: [{}] })
    expect(refused.status).toBe(403)
    const row = await newest()
    expect(row).toMatchObject({
      code: 'UNAUTHORIZED',
      parent: 'nightly',
      permission: 'write',
      grant: null,
      refusal: {
        reason: 'permission',
        needed: 'write on sales, table Orders',
        held: ['read on sales'],
        sentence: refused.body['error'],
      },
    })
    expect((await call(write, { method: 'get_records', table: 'Orders', limit: 1 })).status).toBe(200)
    const allowed = await newest()
    expect(allowed).toMatchObject({ permission: 'read', grant: 'read on sales', refusal: null, cause: null })
    // The row stays as it was decided, whatever the token can do later.
    await engine.owner.tokens.revoke({ project: 'demo', name: 'nightly' })
    expect(await engine.owner.requests.get({ id: row.id })).toEqual(row)
    expect(await engine.owner.requests.get({ id: allowed.id })).toEqual(allowed)
  })

  it('gives denials of one cause the same cause, across session tokens, and finds them by it', async () => {
    const token = await accessToken('again')
    const refuse = async (table: string): Promise<RequestRecord> => {
      await call(await session(token), { method: 'delete_records', table, record_ids: [1] })
      return newest()
    }
    const first = await refuse('Orders')
    const second = await refuse('Orders')
    const other = await refuse('Customers')
    expect(first.cause).toMatch(/^[0-9a-f]{16}$/)
    expect(second.cause).toBe(first.cause)
    expect(other.cause).not.toBe(first.cause)
    const like = await engine.owner.requests.list({ cause: String(first.cause) })
    expect(like.map(({ id }) => id)).toEqual([second.id, first.id])
  })

  it('LG7 splits the duration into parts that add up to it', async () => {
    const token = await session(await accessToken('timed'))
    await call(token, { method: 'get_records', table: 'Orders' })
    const { timing, duration_ms: total } = await newest()
    if (timing === null) throw new Error('no timing')
    const { checks_ms, approval_ms, queue_ms, upstream_ms, reply_ms } = timing
    expect(approval_ms).toBeNull()
    for (const part of [queue_ms, upstream_ms, reply_ms]) expect(part).not.toBeNull()
    const sum = checks_ms + (queue_ms ?? 0) + (upstream_ms ?? 0) + (reply_ms ?? 0)
    expect(Math.abs(sum - Number(total))).toBeLessThan(0.1)
    await call(token, { method: 'delete_records', table: 'Orders', record_ids: [1] })
    const denied = await newest()
    expect(denied.timing).toMatchObject({ checks_ms: denied.duration_ms, upstream_ms: null, reply_ms: null })
    expect(denied.duration_ms).toBeGreaterThan(0)
  })

  it('LG5 finds rows by a part of a name, by several names, permission, code, speed and owner actions', async () => {
    const night = await session(await accessToken('night-export'))
    await call(night, { method: 'list_tables' })
    const day = await session(await accessToken('day-export'))
    await call(day, { method: 'add_records', table: 'Orders', records: [{}] })
    const names = async (filter: RequestFilter) => {
      const { rows } = await engine.owner.requests.scan({ method: 'list_tables', ...filter })
      return rows.map((row) => row.parent)
    }
    expect(await names({ contains: { token: 'NIGHT-' } })).toEqual(['night-export'])
    expect(await names({ token: ['night-export', 'day-export'] })).toEqual(['night-export'])
    expect(await names({ permission: 'read', token: 'night-export' })).toEqual(['night-export'])
    expect(await names({ slower_than_ms: 60_000 })).toEqual([])
    const refused = await engine.owner.requests.list({ code: 'UNAUTHORIZED', token: 'day-export' })
    expect(refused).toHaveLength(1)
    const actions = await engine.owner.requests.list({ owner_actions: 'only' })
    expect(new Set(actions.map(({ transport }) => transport))).toEqual(new Set(['control']))
    const followed = engine.owner.requests.follow({ contains: { token: 'night' }, owner_actions: 'without' })
    const stream = eachRow(await followed)
    const next = stream.next()
    await call(day, { method: 'list_tables' })
    await call(night, { method: 'list_tables' })
    expect((await next).value).toMatchObject({ parent: 'night-export' })
    await stream.return()
  })
})

async function startTestEngineAgain(engine: TestEngine, clock: Clock): Promise<TestEngine> {
  await engine.stop()
  return startTestEngine({ home: engine.home, clock })
}

it('seals rows without details exactly as before details existed', () => {
  const row = openingRecord(7, '1970-01-01T00:00:00.000Z', {
    request_id: 'r',
    transport: 'proxy',
    method: 'm',
    token: 'agent',
  })
  expect(sealedText(row)).toBe(
    '[7,0,"r",null,"agent",null,null,null,null,"proxy","m",null,null,null,null,null,null,null,null,0,0,0,null]',
  )
})
