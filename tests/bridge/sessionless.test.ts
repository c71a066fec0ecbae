import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startBridgeRig, rpc, type BridgeRig } from './support/start-bridge-rig.ts'

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'modern', version: '2' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

describe('MCP without sessions (2026-07-28)', () => {
  let rig: BridgeRig
  let token: string
  beforeEach(async () => {
    rig = await startBridgeRig()
    token = await rig.token('one', [{ connection: 'sales', permissions: ['read'] }])
  })
  afterEach(() => rig[Symbol.asyncDispose]())

  test('rejects and logs a request whose headers name another tool than its body', async () => {
    const body = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'list_tables', arguments: {}, _meta: META },
    }
    const { status } = await rpc(rig.url, token, body, {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'other',
    })
    expect(status).toBe(400)
    expect(rig.rows).toMatchObject([{ method: 'tools/call', status: 400 }])
  })

  test('logs one row for a request that is rejected with status 200', async () => {
    const ask = (method: string, params: object) =>
      rpc(
        rig.url,
        token,
        { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } },
        {
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': method,
          ...('name' in params ? { 'mcp-name': String(params.name) } : {}),
        },
      )
    const refused = [
      await ask('tools/call', { name: 'list_tables', arguments: [] }),
      await ask('tools/call', { name: 'list_tables', arguments: {}, requestState: 5 }),
      await ask('subscriptions/listen', {}),
    ]
    expect(refused.map(({ status, body }) => [status, body?.['error'].code])).toEqual([
      [200, -32602],
      [200, -32602],
      [200, -32602],
    ])
    expect(rig.rows.map((row) => [row.method, row.status, row.token])).toEqual([
      ['tools/call', 400, 'one'],
      ['tools/call', 400, 'one'],
      ['subscriptions/listen', 400, 'one'],
    ])
  })

  test('rejects an unknown protocol version with a list of the supported ones', async () => {
    const _meta = { ...META, 'io.modelcontextprotocol/protocolVersion': '2031-01-01' }
    const { status, body } = await rpc(
      rig.url,
      token,
      { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } },
      { 'mcp-protocol-version': '2031-01-01', 'mcp-method': 'tools/list' },
    )
    expect(status).toBe(400)
    expect(body?.['error'].data.supported).toContain('2026-07-28')
  })

  test('a client negotiates the revision, lists and calls without a session', async () => {
    const client = new Client({ name: 'modern', version: '2' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
    const transport = new StreamableHTTPClientTransport(new URL(rig.url), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    })
    await client.connect(transport)
    expect(transport.sessionId).toBeUndefined()
    const { tools } = await client.listTools()
    expect(tools.map((tool) => tool.name)).not.toContain('add_records')
    const result = await client.callTool({ name: 'get_records', arguments: { table: 'Orders' } })
    expect(result.structuredContent).toEqual({ records: [{ id: 1, Name: 'one' }] })
    const refused = await client.callTool({ name: 'add_records', arguments: { table: 'Orders', records: [] } })
    expect(refused.isError).toBe(true)
    expect(rig.rows.map((row) => [row.method, row.status, row.client])).toEqual([
      ['server/discover', 200, 'modern/2'],
      ['tools/list', 200, 'modern/2'],
      ['get_records', 200, 'modern/2'],
      ['add_records', 403, 'modern/2'],
    ])
    await client.close()
  })

  test('a client that disconnects cancels its call', async () => {
    const aborted = Promise.withResolvers<void>()
    rig.answer.call = (_method, _fields, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.resolve()
          reject(signal.reason)
        })
      })
    const controller = new AbortController()
    const body = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'list_tables', arguments: {}, _meta: META },
    }
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'list_tables' }
    const pending = rpc(rig.url, token, body, headers, controller.signal)
    await expect.poll(() => rig.rows.at(-1)?.method).toBe('list_tables')
    controller.abort()
    await expect(pending).rejects.toThrow()
    await aborted.promise
  })

  test("rejects a token's 129th client with a running request, and serves it once another has finished", async () => {
    const waiting: ((value: unknown) => void)[] = []
    rig.answer.call = () => new Promise((resolve) => waiting.push(resolve))
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'list_tables' }
    const callAs = (name: string) =>
      rpc(
        rig.url,
        token,
        {
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: {
            name: 'list_tables',
            arguments: {},
            _meta: { ...META, 'io.modelcontextprotocol/clientInfo': { name, version: '1' } },
          },
        },
        headers,
      )
    const busy = Array.from({ length: 128 }, (_, index) => callAs(`client ${index}`))
    await expect.poll(() => waiting.length, { timeout: 20_000 }).toBe(128)
    const turnedAway = await callAs('one too many')
    expect(turnedAway.status).toBe(429)
    expect(turnedAway.body?.['error'].data).toMatchObject({ code: 'RATE_LIMITED' })
    expect(rig.rows.at(-1)).toMatchObject({ method: 'tools/call', status: 429, code: 'RATE_LIMITED' })
    waiting[0]?.({ tables: [] })
    await Promise.race(busy)
    rig.answer.call = async () => ({ tables: [] })
    expect((await callAs('one too many')).status).toBe(200)
    for (const answer of waiting) answer({ tables: [] })
    await Promise.all(busy)
  }, 60_000)
})
