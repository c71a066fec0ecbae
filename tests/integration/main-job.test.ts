import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { createForwardClock } from '../support/test-clock.ts'
import { until } from '../support/until.ts'

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

describe('an access token and its session tokens, over HTTP', () => {
  const clock = createForwardClock()
  let engine: TestEngine
  let editor: string

  async function mint(body: object, token = editor) {
    return post(`${engine.url}/api/v1/sessions`, token, body)
  }
  async function proxy(token: string, body: object) {
    return post(`${engine.url}/api/v1/proxy`, token, body)
  }

  beforeAll(async () => {
    engine = await startTestEngine({ clock })
    await engine.owner.projects.create({ name: 'other' })
    const made = await engine.owner.tokens.create({
      project: 'demo',
      name: 'editor',
      kind: 'access',
      grants: [{ connection: 'sales', permissions: ['read', 'write'] }],
    })
    editor = made.secret ?? ''
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  test('schema changes are denied for a read-write token', async () => {
    const reply = await mint({ document: 'sales', permissions: ['schema'] })
    expect(reply.status).toBe(403)
    expect(reply.body).toMatchObject({ success: false, code: 'UNAUTHORIZED' })
    expect(reply.body.error).toMatch(/^Permission denied/)
  })

  test('a document outside the grants gets the same error whether or not it exists', async () => {
    await engine.owner.connections.create({
      name: 'hidden',
      config: { kind: 'sqlite', path: `${engine.home}/documents/hidden.sqlite`, create: true },
    })
    const hidden = await mint({ document: 'hidden', permissions: ['read'] })
    const absent = await mint({ document: 'absent', permissions: ['read'] })
    expect(hidden.status).toBe(403)
    expect(absent.status).toBe(403)
    expect(hidden.body.error).toMatch(/^Document not in scope/)
    expect(hidden.body.error.replace('hidden', 'absent')).toBe(absent.body.error)
  })

  test('another project is denied', async () => {
    const reply = await post(`${engine.url}/projects/other/mcp`, editor, { jsonrpc: '2.0', id: 1, method: 'ping' })
    expect(reply.status).toBe(403)
    expect(reply.body.code).toBe('UNAUTHORIZED')
  })

  test("a read-only session token can't write, and a revoked one is rejected", async () => {
    const { body } = await mint({ document: 'sales', permissions: ['read'] })
    const write = await proxy(body.token, { method: 'delete_records', table: 'Orders', record_ids: [1] })
    expect(write.status).toBe(403)
    const back = await fetch(`${engine.url}/api/v1/sessions/current`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${body.token}` },
    })
    expect(back.ok).toBe(true)
    const after = await proxy(body.token, { method: 'list_tables' })
    expect(after.status).toBe(401)
    expect(after.body.code).toBe('TOKEN_EXPIRED')
  })

  test('revoking the parent ends the session token immediately', async () => {
    const parent = await engine.owner.tokens.create({
      project: 'demo',
      name: 'brief',
      kind: 'access',
      grants: [{ connection: 'sales', permissions: ['read'] }],
    })
    const { body } = await mint({ document: 'sales', permissions: ['read'] }, parent.secret ?? '')
    expect((await proxy(body.token, { method: 'list_tables' })).status).toBe(200)
    const ended = await engine.owner.tokens.revoke({ project: 'demo', name: 'brief' })
    expect(ended.sessions_ended).toBe(1)
    expect((await proxy(body.token, { method: 'list_tables' })).body.code).toBe('TOKEN_EXPIRED')
  })

  test('a session token reads and writes the document, also as a stream', async () => {
    const { status, body } = await mint({ document: 'sales', permissions: ['read', 'write'], ttl_seconds: 60 })
    expect(status).toBe(200)
    expect(body.proxy_url).toBe(`${engine.url}/api/v1/proxy`)
    const tables = await proxy(body.token, { method: 'list_tables' })
    expect(tables.body.data.tables.toSorted()).toEqual(['Customers', 'Orders', 'Products'])

    const lines = Array.from({ length: 2500 }, (_, index) =>
      JSON.stringify({ Quantity: index, Status: 'streamed' }),
    ).join('\n')
    const load = await fetch(`${body.proxy_url}?method=add_records&table=Orders`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body.token}`, 'content-type': 'application/x-ndjson' },
      body: lines,
    })
    expect(await load.json()).toEqual({ success: true, data: { added: 2500 } })

    const count = await proxy(body.token, {
      method: 'sql_query',
      query: 'select count(*) n from Orders where Status = ?',
      params: ['streamed'],
    })
    expect(count.body.data).toEqual([{ n: 2500 }])
  })

  test('an invalid line in a stream is reported with its number and the number of stored records', async () => {
    const { body } = await mint({ document: 'sales', permissions: ['write'] })
    const load = await fetch(`${body.proxy_url}?method=add_records&table=Orders`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body.token}`, 'content-type': 'application/x-ndjson' },
      body: '{"Quantity":1}\n{"Quantity":',
    })
    const reply = (await load.json()) as { error: string; code: string }
    expect(load.status).toBe(400)
    expect(reply.code).toBe('INVALID_REQUEST')
    expect(reply.error).toMatch(/line 2/i)
  })

  test('the log shows who did what to how many records, including errors', async () => {
    const rows = await engine.owner.requests.list({ project: 'demo', method: 'add_records' })
    const loaded = rows.find((row) => row.records === 2500)
    expect(loaded).toMatchObject({
      parent: 'editor',
      token_kind: 'session',
      connection: 'sales',
      resource: 'Orders',
      status: 200,
      transport: 'proxy',
    })
    const refused = await engine.owner.requests.list({ status: '4xx' })
    expect(refused.some((row) => row.code === 'UNAUTHORIZED')).toBe(true)
  })

  test('all requests are rejected while access is paused', async () => {
    const { body } = await mint({ document: 'sales', permissions: ['read'] })
    await engine.owner.pause()
    const held = await proxy(body.token, { method: 'list_tables' })
    expect(held.status).toBe(503)
    expect(held.body.code).toBe('PAUSED')
    await engine.owner.resume()
    expect((await proxy(body.token, { method: 'list_tables' })).status).toBe(200)
  })

  test('a runaway query is interrupted while another client continues', async () => {
    const { body } = await mint({ document: 'sales', permissions: ['read'] })
    const runaway = proxy(body.token, {
      method: 'sql_query',
      query: 'with recursive r(n) as (select 1 union all select n + 1 from r) select max(n) from r',
    })
    for (let turn = 0; turn < 20; turn++) expect((await proxy(body.token, { method: 'list_tables' })).status).toBe(200)
    let hasEnded = false
    void runaway.finally(() => (hasEnded = true))
    // The query's time begins when its worker has started.
    await until('the runaway query has ended', () => {
      clock.forward(1000)
      return hasEnded
    })
    const cut = await runaway
    expect(cut.status).toBeGreaterThanOrEqual(400)
    expect(['UPSTREAM_TIMEOUT', 'UPSTREAM_ERROR']).toContain(cut.body.code)
  })

  test('no file of the data folder contains a token', async () => {
    const { body } = await mint({ document: 'sales', permissions: ['read'] })
    await proxy(body.token, { method: 'list_tables' })
    await engine.owner.requests.list({})
    const { readdir, readFile } = await import('node:fs/promises')
    for (const entry of await readdir(engine.home, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const bytes = await readFile(`${entry.parentPath}/${entry.name}`, 'latin1')
      expect(bytes.includes(editor), entry.name).toBe(false)
      expect(bytes.includes(body.token), entry.name).toBe(false)
    }
  })
})

test('excluding a connection from the project interrupts running requests of a token that stays active', async () => {
  await using engine = await startTestEngine()
  const { secret } = await engine.owner.tokens.create({
    project: 'demo',
    name: 'agent',
    kind: 'access',
    grants: [{ connection: 'sales', permissions: ['read'] }],
  })
  const query = 'with recursive r(n) as (select 1 union all select n + 1 from r) select max(n) from r'
  const running = post(
    `${engine.url}/projects/demo/mcp`,
    secret,
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'sql_query', arguments: { query }, _meta: META } },
    {
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'sql_query',
    },
  )
  const rowIsOpen = async () =>
    (await engine.owner.requests.list({ method: 'sql_query' })).some((row) => row.status === null)
  await expect.poll(rowIsOpen, { timeout: 5000 }).toBe(true)
  const ended = await engine.owner.connections.exclude({ name: 'sales', project: 'demo' })
  expect(ended.requests_cut).toBe(1)
  expect((await running).body).toMatchObject({
    result: {
      isError: true,
      _meta: {
        'hallpass/error': {
          code: 'UNAUTHORIZED',
          error: expect.stringMatching(/sales.* while the request was running/),
        },
      },
    },
  })
})
