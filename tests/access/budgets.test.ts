import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TokenBudget } from '../../src/contract/tokens/token-budget.ts'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { createForwardClock } from '../support/test-clock.ts'

const DAY_MS = 86_400_000

describe('a daily budget', () => {
  const clock = createForwardClock()
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine({ clock })
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  async function newToken(name: string, budget: TokenBudget | undefined): Promise<string> {
    const grants = [{ connection: 'sales', permissions: ['read' as const, 'write' as const] }]
    const { secret } = await engine.owner.tokens.create({ project: 'demo', name, kind: 'access', grants, budget })
    return sessionOf(String(secret))
  }
  async function sessionOf(secret: string): Promise<string> {
    const { body } = await post(`${engine.url}/api/v1/sessions`, secret, {
      document: 'sales',
      permissions: ['read', 'write'],
      ttl_seconds: 3600,
    })
    return String(body['token'])
  }
  const read = (token: string, limit = 1) =>
    post(`${engine.url}/api/v1/proxy`, token, { method: 'get_records', table: 'Orders', limit })
  const tokenOf = (name: string) => engine.owner.tokens.get({ project: 'demo', name })

  it('denies the request after the last one, says until when, and logs what is used up', async () => {
    const session = await newToken('counted', { requests: 2 })
    expect([(await read(session)).status, (await read(session)).status]).toEqual([200, 200])
    const denied = await read(session)
    expect(denied.status).toBe(429)
    expect(denied.body).toMatchObject({ code: 'BUDGET_EXHAUSTED', details: { unit: 'requests', limit: 2, used: 2 } })
    const midnight = (Math.floor(clock.now() / DAY_MS) + 1) * DAY_MS
    expect(denied.body['details'].resets_at).toBe(new Date(midnight).toISOString())
    expect(Number(denied.headers.get('retry-after'))).toBeGreaterThan(0)
    const [row] = await engine.owner.requests.list({ token: 'counted', owner_actions: 'without', limit: 1 })
    expect(row).toMatchObject({ status: 429, code: 'BUDGET_EXHAUSTED', permission: 'read' })
    expect(row?.missing).toBe('daily budget of 2 requests used up')
  })

  it('counts what the log counts: allowed requests, records and bytes, and no denied ones', async () => {
    const session = await newToken('measured', undefined)
    await read(session, 3)
    await read(session, 2)
    await post(`${engine.url}/api/v1/proxy`, session, { method: 'create_table', table_id: 'Nope', columns: [] })
    const rows = await engine.owner.requests.list({ token: 'measured', owner_actions: 'without', permission: 'read' })
    const served = rows.filter(({ status, method }) => status === 200 && method === 'get_records')
    expect(served).toHaveLength(2)
    const sum = (value: (row: (typeof served)[number]) => number) => served.reduce((all, row) => all + value(row), 0)
    expect((await tokenOf('measured')).budget_used).toEqual({
      requests: 2,
      records: 5,
      bytes: sum((row) => row.bytes_in + row.bytes_out),
    })
    expect(sum(({ records }) => records)).toBe(5)
  })

  it.each([
    ['records', { records: 3 }],
    ['bytes', { bytes: 10 }],
  ] as const)('finishes the request that uses up its %s, and denies the next one', async (unit, budget) => {
    const session = await newToken(`by-${unit}`, budget)
    expect((await read(session, 3)).status).toBe(200)
    expect((await read(session)).body).toMatchObject({ code: 'BUDGET_EXHAUSTED', details: { unit } })
  })

  it('is changed with a preview and a revision, and counts earlier use', async () => {
    const session = await newToken('changed', undefined)
    await read(session)
    const { revision } = await tokenOf('changed')
    const update = { project: 'demo', name: 'changed', revision, set: { budget: { requests: 1 } } }
    await engine.owner.tokens.previewUpdate(update)
    expect((await tokenOf('changed')).budget).toBeNull()
    await engine.owner.tokens.update(update)
    expect((await read(session)).body['code']).toBe('BUDGET_EXHAUSTED')
    await engine.owner.tokens.update({ ...update, revision: revision + 1, set: { budget: null } })
    expect((await read(session)).status).toBe(200)
    await expect(
      engine.owner.tokens.update({ ...update, revision: revision + 2, set: { budget: { requests: 0 } } }),
    ).rejects.toMatchObject({ data: { code: 'INVALID_REQUEST', field: 'set.budget.requests' } })
  })

  it('survives a restart and starts again at midnight UTC', async () => {
    await newToken('restarted', { requests: 1 })
    const { secret } = await engine.owner.tokens.rotate({ project: 'demo', name: 'restarted' })
    expect((await read(await sessionOf(secret))).status).toBe(200)
    const { home } = engine
    await engine.stop()
    engine = await startTestEngine({ clock, home })
    expect((await tokenOf('restarted')).budget_used.requests).toBe(1)
    expect((await read(await sessionOf(secret))).body['code']).toBe('BUDGET_EXHAUSTED')
    clock.forward(DAY_MS)
    expect((await tokenOf('restarted')).budget_used).toEqual({ requests: 0, records: 0, bytes: 0 })
    expect((await read(await sessionOf(secret))).status).toBe(200)
  })

  it('is part of a configuration that is exported and applied', async () => {
    await newToken('written', { records: 7 })
    const { configuration } = await engine.owner.configuration.export({ project: 'demo' })
    const entry = configuration.projects?.['demo']?.tokens?.['written']
    expect(entry?.budget).toEqual({ records: 7 })
    await engine.owner.configuration.apply({
      configuration: { version: 1, projects: { demo: { tokens: { written: { budget: { bytes: 9 } } } } } },
    })
    expect((await tokenOf('written')).budget).toEqual({ bytes: 9 })
  })
})
