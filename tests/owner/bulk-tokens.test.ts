import { afterAll, beforeAll, expect, it } from 'vitest'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine[Symbol.asyncDispose]())

const address = (name: string) => ({ project: 'demo', name })
async function create(name: string): Promise<string> {
  const { secret } = await engine.owner.tokens.create({ ...address(name), kind: 'access', clone: true })
  return secret ?? ''
}
const mint = (secret: string) =>
  post(`${engine.url}/api/v1/sessions`, secret, { document: 'sales', permissions: ['read'] })

it('changes nothing in a preview or for an invalid lifetime', async () => {
  const secret = await create('kept')
  await mint(secret)
  const preview = { tokens: [address('kept')], action: 'revoke' as const, preview: true }
  expect(await engine.owner.tokens.bulk(preview)).toEqual({
    sessions_ended: 1,
    requests_cut: 0,
    outcomes: [{ ...address('kept'), problem: null }],
  })
  await engine.owner.tokens.bulk({ ...preview, action: 'pause' })
  await expect(
    engine.owner.tokens.bulk({ tokens: [address('kept')], action: 'extend', ttl: 'soon' }),
  ).rejects.toMatchObject({ data: { field: 'ttl' } })
  for (const preview of [true, false])
    await expect(
      engine.owner.tokens.bulk({ tokens: [address('kept')], action: 'extend', preview }),
    ).rejects.toMatchObject({ data: { field: 'ttl' } })
  expect((await mint(secret)).status).toBe(200)
})

it('TL6 revokes 50 tokens in one call, reports which failed, and logs each', async () => {
  const names = Array.from({ length: 50 }, (_, index) => `many-${index}`)
  for (const name of names) await create(name)
  const { outcomes } = await engine.owner.tokens.bulk({
    tokens: [...names, 'nobody'].map(address),
    action: 'revoke',
  })
  expect(outcomes.filter(({ problem }) => problem !== null).map(({ name }) => name)).toEqual(['nobody'])
  const tokens = await engine.owner.tokens.list({ project: 'demo' })
  expect(names.every((name) => tokens.find((one) => one.name === name)?.status === 'revoked')).toBe(true)
  await expect
    .poll(async () => (await engine.owner.requests.list({ method: 'tokens.revoke', limit: 100 })).length)
    .toBe(50)
})

it('pauses a token over HTTP with its own sentence, and resumes it', async () => {
  const secret = await create('resting')
  await engine.owner.tokens.bulk({ tokens: [address('resting')], action: 'pause' })
  const refused = await mint(secret)
  expect([refused.status, refused.body['code']]).toEqual([503, 'PAUSED'])
  expect(refused.body['error']).toContain('"resting"')
  await engine.owner.tokens.bulk({ tokens: [address('resting')], action: 'resume' })
  expect((await mint(secret)).status).toBe(200)
})

it('creates a token with a description, and a session token with a request limit and a label', async () => {
  const { token } = await engine.owner.tokens.create({
    ...address('described'),
    kind: 'local',
    description: 'Monthly report, Ada',
  })
  expect(token).toMatchObject({ description: 'Monthly report, Ada', revision: 1, paused: false })
  const { session, token: bearer } = await engine.owner.sessions.mint({
    project: 'demo',
    document: 'sales',
    permissions: ['read'],
    label: 'import',
    max_requests: 1,
  })
  expect(session).toMatchObject({ label: 'import', max_requests: 1, last_used_at: null, ended_at: null })
  const call = () => post(`${engine.url}/api/v1/proxy`, bearer, { method: 'list_tables' })
  expect([(await call()).status, (await call()).body['code']]).toEqual([200, 'TOKEN_EXPIRED'])
  const [past] = await engine.owner.sessions.list({ project: 'demo', ended: true })
  expect(past).toMatchObject({ ended_by: expect.any(String) })
})

it('saves presets by name and rejects one without permissions', async () => {
  const preset = { name: 'Readers', by_kind: { sqlite: ['read' as const] }, grants: [], ttl: '30d', rate: null }
  await expect(engine.owner.presets.save({ ...preset, by_kind: { sqlite: [] } })).rejects.toThrow()
  await expect(engine.owner.presets.delete({ name: 'none' })).rejects.toMatchObject({ data: { field: 'name' } })
  await engine.owner.presets.save(preset)
  await engine.owner.presets.save({ ...preset, ttl: '12h' })
  expect(await engine.owner.presets.list()).toEqual([{ ...preset, ttl: '12h' }])
})
