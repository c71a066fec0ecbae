import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGristStandIn, type GristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

const KEY = 'canary0key1of2the3stand4in5'

describe('health of a connection', () => {
  let grist: GristStandIn
  let engine: TestEngine
  let session: string
  let home: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'hallpass-health-'))
    grist = await startGristStandIn({
      key: KEY,
      docs: { sTandInDoc1234567890Ab: { People: { columns: { Name: { type: 'Text' } }, rows: [{ Name: 'Ann' }] } } },
    })
    engine = await startTestEngine({ home })
    await engine.owner.connections.create({
      name: 'crm',
      project: 'demo',
      config: { kind: 'grist', url: grist.url, doc: grist.docId },
      secret: { value: KEY },
    })
    session = (await engine.owner.sessions.mint({ project: 'demo', document: 'crm', permissions: ['read', 'write'] }))
      .token
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
    await grist.close()
    await rm(home, { recursive: true, force: true })
  })
  beforeEach(() => grist.intercept(null))

  const call = (body: object) => post(`${engine.url}/api/v1/proxy`, session, body)
  const crm = () => engine.owner.connections.get({ name: 'crm' })
  const answering = (status: number, body: unknown) =>
    grist.intercept((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      return true
    })

  it("is unaffected by a caller's mistake", async () => {
    expect((await call({ method: 'list_tables' })).status).toBe(200)
    expect((await call({ method: 'get_records', table: 'Nowhere' })).status).toBe(502)
    expect((await call({ method: 'add_records', table: 'People', records: [{ Nothing: 1 }] })).status).toBe(502)
    expect((await call({ method: 'nonsense' })).status).toBe(400)
    expect((await crm()).health).toMatchObject({ state: 'up', message: null })
    expect((await engine.owner.status()).connections_down).toEqual([])
  })

  it('is down with the sentence that the caller got, and up again with the next response', async () => {
    answering(401, { error: 'Bad request: invalid API key' })
    const refused = await call({ method: 'list_tables' })
    expect(refused.status).toBe(502)
    expect((await crm()).health).toMatchObject({
      state: 'down',
      checked_at: expect.any(String),
      latency_ms: null,
      message: refused.body['error'],
    })
    expect((await engine.owner.status()).connections_down).toEqual(['crm'])
    expect(JSON.stringify(await engine.owner.connections.list({}))).not.toContain(KEY)
    grist.intercept(null)
    expect((await call({ method: 'get_records', table: 'People' })).status).toBe(200)
    expect((await crm()).health).toMatchObject({ state: 'up', latency_ms: expect.any(Number), message: null })
  })

  it.each([
    [403, { error: 'No view access' }],
    [404, { error: 'document not found' }],
    [500, { error: 'broken' }],
    [502, '<html>'],
  ])('is down when the server answers %d %j', async (status, body) => {
    answering(status, body)
    await call({ method: 'list_tables' })
    expect((await crm()).health.state).toBe('down')
  })

  it('is down and up through streams as well', async () => {
    const stream = () =>
      fetch(`${engine.url}/api/v1/proxy`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${session}`,
          'content-type': 'application/json',
          accept: 'application/x-ndjson',
        },
        body: JSON.stringify({ method: 'get_records', table: 'People' }),
      }).then((reply) => reply.text())
    answering(500, { error: 'broken' })
    await stream()
    expect((await crm()).health.state).toBe('down')
    grist.intercept(null)
    await stream()
    expect((await crm()).health.state).toBe('up')
  })

  it('is the result of a test, no matter who requested it', async () => {
    answering(401, { error: 'Bad request: invalid API key' })
    const found = await engine.owner.connections.test({ name: 'crm' })
    expect(found.ok).toBe(false)
    expect((await crm()).health).toMatchObject({ state: 'down', message: found.message })
    grist.intercept(null)
    expect((await engine.owner.connections.test({ name: 'crm' })).ok).toBe(true)
    expect((await crm()).health.state).toBe('up')
  })

  it("is down when a document's file is missing, which is not the caller's mistake", async () => {
    const path = join(home, '..', `hallpass-health-${process.pid}.sqlite`)
    await engine.owner.connections.create({
      name: 'notes',
      project: 'demo',
      config: { kind: 'sqlite', path, create: true },
    })
    await engine.stop()
    await rm(path)
    engine = await startTestEngine({ home })
    const token = (await engine.owner.sessions.mint({ project: 'demo', document: 'notes', permissions: ['read'] }))
      .token
    const refused = await post(`${engine.url}/api/v1/proxy`, token, { method: 'list_tables' })
    expect([refused.status, refused.body['code'], refused.body['error']]).toEqual([
      502,
      'UPSTREAM_ERROR',
      'Couldn\'t open the file of document "notes". File not found.',
    ])
    expect((await engine.owner.connections.get({ name: 'notes' })).health).toMatchObject({
      state: 'down',
      message: refused.body['error'],
    })
    await engine.owner.connections.delete({ name: 'notes' })
    session = (await engine.owner.sessions.mint({ project: 'demo', document: 'crm', permissions: ['read', 'write'] }))
      .token
  })

  it('ignores a call that was rejected before it reached the upstream', async () => {
    const before = await crm()
    const reader = (await engine.owner.sessions.mint({ project: 'demo', document: 'crm', permissions: ['read'] })).token
    expect(
      (
        await post(`${engine.url}/api/v1/proxy`, reader, {
          method: 'add_records',
          table: 'People',
          records: [{ Name: 'x' }],
        })
      ).status,
    ).toBe(403)
    expect(await crm()).toEqual(before)
  })

  it('remembers the last use of a connection through a restart, but not its state', async () => {
    expect((await call({ method: 'list_tables' })).status).toBe(200)
    const before = (await crm()).last_used_at
    expect(Date.now() - Date.parse(before ?? '')).toBeLessThan(60_000)
    expect((await engine.owner.status()).last_request_at).not.toBeNull()
    await engine.stop()
    engine = await startTestEngine({ home })
    const after = await crm()
    expect(after.last_used_at).toBe(before)
    expect(after.health).toEqual({
      state: 'unknown',
      checked_at: null,
      latency_ms: null,
      message: null,
      failing_since: null,
    })
    expect((await engine.owner.status()).last_request_at).not.toBeNull()
  })
})
