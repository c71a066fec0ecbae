import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { INITIALIZE, openSession, rpc, startBridgeRig, type BridgeRig } from './support/start-bridge-rig.ts'

describe('MCP sessions over HTTP', () => {
  let rig: BridgeRig
  let token: string
  beforeEach(async () => {
    rig = await startBridgeRig()
    token = await rig.token('one', [{ connection: 'sales', permissions: ['read'] }])
  })
  afterEach(() => rig[Symbol.asyncDispose]())

  test('rejects a session of another token as unknown, like one that never existed', async () => {
    const other = await rig.token('two', [{ connection: 'sales', permissions: ['read'] }])
    const { id } = await openSession(rig.url, token)
    const list = { jsonrpc: '2.0', id: 5, method: 'tools/list' }
    const stolen = await rpc(rig.url, other, list, { 'mcp-session-id': id })
    const invented = await rpc(rig.url, other, list, { 'mcp-session-id': 'invented.id.here' })
    expect(stolen.status).toBe(404)
    expect(stolen.body).toEqual(invented.body)
    await rig.restart()
    expect((await rpc(rig.url, other, list, { 'mcp-session-id': id })).status).toBe(404)
  })

  test('rejects an altered session ID as unknown', async () => {
    const { id } = await openSession(rig.url, token)
    const altered = `${id.slice(0, -3)}${id.endsWith('AAA') ? 'BBB' : 'AAA'}`
    for (const bad of [altered, `x${id}`, id.slice(1), '', '.', '..', 'a'.repeat(5000)]) {
      const { status } = await rpc(rig.url, token, { jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-session-id': bad })
      expect(status, bad).toBe(404)
    }
  })

  test('rejects a batch', async () => {
    const { id } = await openSession(rig.url, token)
    const { status, body } = await rpc(rig.url, token, [{ jsonrpc: '2.0', id: 1, method: 'ping' }], {
      'mcp-session-id': id,
    })
    expect(status).toBe(400)
    expect(body?.['error'].code).toBe(-32600)
    expect(rig.rows.at(-1)).toMatchObject({ method: 'batch', status: 400, code: 'INVALID_REQUEST' })
  })

  test('rejects a request without a session, and a body that is not JSON-RPC', async () => {
    expect((await rpc(rig.url, token, { jsonrpc: '2.0', id: 1, method: 'tools/list' })).status).toBe(400)
    expect((await rpc(rig.url, token, { hello: 1 })).status).toBe(400)
    expect((await rpc(rig.url, token, 7)).status).toBe(400)
    expect(rig.rows.map((row) => row.status)).toEqual([400, 400, 400])
  })

  test('answers a request with ID 0 in a resumed session', async () => {
    const { id } = await openSession(rig.url, token)
    await rig.restart()
    const { body } = await rpc(rig.url, token, { jsonrpc: '2.0', id: 0, method: 'ping' }, { 'mcp-session-id': id })
    expect(body).toEqual({ jsonrpc: '2.0', id: 0, result: {} })
  })

  test('opens no session for an initialize without an ID, and logs its rejection', async () => {
    const { id: _, ...notification } = INITIALIZE
    const { status, session } = await rpc(rig.url, token, notification)
    expect([status, session]).toEqual([400, null])
    expect(rig.rows).toMatchObject([{ method: 'initialize', status: 400 }])
  })

  test('logs one row with the token for a call of an unknown tool', async () => {
    const { send } = await openSession(rig.url, token)
    rig.rows.length = 0
    await send('tools/call', { name: 'list_tables', arguments: {}, task: 5 })
    await send('tools/call', { name: 'nothing_of_ours', arguments: {} })
    expect(rig.rows.map((row) => [row.method, row.token, row.project, row.status])).toEqual([
      ['tools/call', 'one', 'demo', 400],
      ['tools/call', 'one', 'demo', 400],
    ])
  })

  test('never delivers a late response to another request with the same ID after its client left', async () => {
    const { id } = await openSession(rig.url, token)
    const late = Promise.withResolvers<unknown>()
    rig.answer.call = async (_method, fields) =>
      (fields as { table?: string }).table === 'First' ? late.promise : { columns: [{ id: 'OfSecond', type: 'Text' }] }
    const call = (table: string) => ({
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: { name: 'describe_table', arguments: { table } },
    })
    const away = new AbortController()
    const first = rpc(rig.url, token, call('First'), { 'mcp-session-id': id }, away.signal).catch(() => null)
    await vi.waitFor(() => expect(rig.rows.at(-1)).toMatchObject({ method: 'describe_table', resource: 'First' }))
    away.abort()
    await first
    const sent = rpc(rig.url, token, call('Second'), { 'mcp-session-id': id })
    late.resolve({ columns: [{ id: 'OfFirst', type: 'Text' }] })
    const second = await sent
    // Either the first call is still running and its ID is rejected, or the second one gets its own response.
    if (second.status === 400) expect(second.body?.['error'].code).toBe(-32600)
    else expect(second.body?.['result'].structuredContent).toEqual({ columns: [{ id: 'OfSecond', type: 'Text' }] })
    await vi.waitFor(async () =>
      expect((await rpc(rig.url, token, { ...call('Third'), method: 'ping' }, { 'mcp-session-id': id })).status).toBe(
        200,
      ),
    )
  })

  test('keeps an ended session ended', async () => {
    const { id, send } = await openSession(rig.url, token)
    const headers = { authorization: `Bearer ${token}`, 'mcp-session-id': id }
    expect((await fetch(rig.url, { method: 'DELETE', headers })).status).toBe(204)
    expect((await send('ping')).status).toBe(404)
    expect((await fetch(rig.url, { method: 'DELETE', headers })).status).toBe(404)
  })

  test('ends the sessions and event stream of a revoked token', async () => {
    const { id } = await openSession(rig.url, token)
    const stream = await fetch(rig.url, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'mcp-session-id': id },
    })
    expect(stream.status).toBe(200)
    const second = await fetch(rig.url, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'mcp-session-id': id },
    })
    expect(second.status).toBe(409)
    await rig.access.revokeToken('demo', 'one')
    expect(await stream.text()).toBe('')
  })

  test('HEAD returns the status and headers of the event stream, and opens none', async () => {
    const { id } = await openSession(rig.url, token)
    const send = (method: string, headers: Record<string, string> = {}) =>
      fetch(rig.url, {
        method,
        headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers },
      })
    expect((await send('HEAD')).status).toBe(400)
    expect((await send('HEAD', { 'mcp-session-id': 'invented' })).status).toBe(404)
    expect((await send('HEAD', { 'mcp-session-id': id, accept: 'text/html' })).status).toBe(406)
    const head = await send('HEAD', { 'mcp-session-id': id })
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, 'text/event-stream', ''])
    const stream = await send('GET', { 'mcp-session-id': id })
    expect(stream.status).toBe(200)
    await stream.body?.cancel()
  })

  test('rejects a request with the ID of a running one', async () => {
    const { send, id } = await openSession(rig.url, token)
    const release = Promise.withResolvers<void>()
    rig.answer.call = async () => {
      await release.promise
      return { tables: [] }
    }
    const first = send('tools/call', { name: 'list_tables' })
    await expect.poll(() => rig.rows.length).toBe(2)
    const again = await rpc(rig.url, token, { jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-session-id': id })
    expect(again.status).toBe(400)
    release.resolve()
    expect((await first).body?.['result'].structuredContent).toEqual({ tables: [] })
  })

  test('resumes a session after a restart, for its own token', async () => {
    const { send } = await openSession(rig.url, token)
    await rig.restart()
    const { status, body } = await send('tools/list')
    expect(status).toBe(200)
    expect(body?.['result'].tools.length).toBeGreaterThan(3)
    expect(rig.rows.at(-1)).toMatchObject({ method: 'tools/list', client: 'raw/1.0', status: 200 })
  })

  test("closes the longest idle session beyond a token's limit, and resumes it with its next request", async () => {
    const first = await openSession(rig.url, token)
    for (let count = 0; count < 140; count++) await rpc(rig.url, token, INITIALIZE)
    expect((await first.send('ping')).status).toBe(200)
  })

  test('closes a session that was idle for too long, and resumes it with its next request', async () => {
    const { send } = await openSession(rig.url, token)
    rig.clock.advance(31 * 60_000)
    expect((await send('tools/list')).status).toBe(200)
  })

  test('gives two clients of one token their own responses', async () => {
    rig.answer.call = async (_method, fields) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
      return { records: [{ id: 1, tag: (fields as { table: string }).table }] }
    }
    const clients = await Promise.all([openSession(rig.url, token), openSession(rig.url, token)])
    await Promise.all(
      clients.flatMap((client, index) =>
        Array.from({ length: 20 }, async (_, count) => {
          const reply = await client.tool('get_records', { table: `T${index}_${count}` })
          expect(reply?.['result'].structuredContent.records[0].tag).toBe(`T${index}_${count}`)
        }),
      ),
    )
  })

  test('responds to an old client in the protocol version that it requests', async () => {
    for (const protocolVersion of ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']) {
      const { body } = await rpc(rig.url, token, { ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion } })
      expect(body?.['result'].protocolVersion).toBe(protocolVersion)
      expect(body?.['result'].instructions).toMatch(/request_session_token/)
    }
  })

  test("serves nothing while the log can't be written", async () => {
    const session = await openSession(rig.url, token)
    rig.logFails.value = true
    const listed = await session.send('tools/list')
    expect(listed.status).toBe(503)
    expect(listed.body?.['error'].data.code).toBe('LOG_UNAVAILABLE')
    const called = await session.tool('list_tables')
    expect(called?.['result']).toMatchObject({ isError: true })
    expect(called?.['result'].content[0].text).toContain('LOG_UNAVAILABLE')
  })
})
