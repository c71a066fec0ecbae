import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

describe('owner router', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine()
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
  })

  it('rejects a name that exists, with code and sentence', async () => {
    await expect(engine.owner.projects.create({ name: 'demo' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('demo'),
    })
  })

  it('rejects an unknown name and lists the known ones', async () => {
    await expect(engine.owner.connections.include({ name: 'none', project: 'demo' })).rejects.toMatchObject({
      message: expect.stringContaining('sales'),
    })
  })

  it('rejects invalid input and names its field', async () => {
    await expect(engine.owner.projects.create({ name: 'Not A Name' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      data: { code: 'INVALID_REQUEST', field: 'name' },
    })
  })

  it('stores nothing of a connection that does not work', async () => {
    const path = join(engine.home, '..', 'hallpass-no-such-file.sqlite')
    await expect(
      engine.owner.connections.create({ name: 'broken', project: 'demo', config: { kind: 'sqlite', path } }),
    ).rejects.toMatchObject({ data: { code: 'INVALID_REQUEST' } })
    await expect(
      engine.owner.connections.create({
        name: 'broken',
        config: { kind: 'grist', url: 'http://u:p@127.0.0.1:1/' },
        secret: { value: 'canary' },
      }),
    ).rejects.toMatchObject({ message: expect.not.stringContaining('canary') })
    expect((await engine.owner.connections.list({})).map((one) => one.name)).toEqual(['sales'])
  })

  it('logs changes, and never the secret of a token', async () => {
    const { secret } = await engine.owner.tokens.create({ project: 'demo', name: 'bot', kind: 'access', clone: true })
    const rows = await engine.owner.requests.list({ method: 'tokens.create' })
    expect(rows[0]).toMatchObject({ token_kind: 'owner', transport: 'control', resource: 'bot', status: 200 })
    expect(JSON.stringify(await engine.owner.tokens.list({}))).not.toContain(secret)
  })

  it('ends sessions with their project', async () => {
    await engine.owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
    expect((await engine.owner.projects.delete({ name: 'demo' })).sessions_ended).toBe(1)
    expect(await engine.owner.sessions.list({})).toEqual([])
  })
})
