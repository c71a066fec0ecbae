import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { post, startTestEngine } from '../support/start-test-engine.ts'

test.each(['null', '*', 'https://app.example.com/', 'https://app.example.com/path', 'app.example.com'])(
  'the origin %s is rejected as a setting',
  async (origin) => {
    await using engine = await startTestEngine({ sample: false })
    await expect(engine.owner.settings.update({ allowed_origins: [origin] })).rejects.toThrow()
    expect((await engine.owner.settings.get()).allowed_origins).toEqual([])
  },
)

test('an origin is accepted once the owner adds it, and rejected once it is removed', async () => {
  await using engine = await startTestEngine({ sample: false })
  const origin = 'https://app.example.com'
  const ask = () => post(`${engine.url}/api/v1/proxy`, null, {}, { origin })
  expect((await ask()).status).toBe(403)
  await engine.owner.settings.update({ allowed_origins: [origin] })
  const let_in = await ask()
  expect(let_in.status).toBe(401)
  expect(let_in.headers.get('access-control-allow-origin')).toBe(origin)
  await engine.owner.settings.update({ allowed_origins: [] })
  expect((await ask()).status).toBe(403)
})

test('a patch leaves the other settings unchanged, also after a restart', async () => {
  const home = await mkdtemp(join(tmpdir(), 'hallpass-settings-'))
  try {
    {
      await using engine = await startTestEngine({ home, sample: false })
      await engine.owner.settings.update({ log_days: 7 })
      await engine.owner.settings.update({ log_mode: 'strict' })
    }
    await using engine = await startTestEngine({ home, sample: false })
    expect(await engine.owner.settings.get()).toMatchObject({ log_days: 7, log_mode: 'strict', log_rows: 1_000_000 })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})

test('the default rate applies immediately to tokens without their own', async () => {
  await using engine = await startTestEngine()
  const mint = async () =>
    (await engine.owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })).token
  const session = await mint()
  const limit = async () =>
    (await post(`${engine.url}/api/v1/proxy`, session, { method: 'list_tables' })).headers.get('x-ratelimit-limit')
  expect(await limit()).toBe('6000')
  await engine.owner.settings.update({ default_rate: '7/m' })
  expect(await limit()).toBe('7')
  await engine.owner.settings.update({ default_rate: 'none' })
  expect(await limit()).not.toBe('7')
})
