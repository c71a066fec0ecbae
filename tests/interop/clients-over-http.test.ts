import {
  Client as CurrentClient,
  StreamableHTTPClientTransport as CurrentTransport,
} from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>
  callTool(request: { name: string; arguments?: Record<string, unknown> }): Promise<Record<string, any>>
  close(): Promise<void>
}

describe('MCP clients over HTTP', () => {
  let engine: TestEngine
  let token: string

  const address = (): URL => new URL(`${engine.url}/projects/demo/mcp`)
  const headers = (): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })

  async function oldClient(): Promise<AnyClient> {
    const client = new OldClient({ name: 'interop-1', version: '1' })
    await client.connect(new OldTransport(address(), { requestInit: headers() }) as never)
    return client as unknown as AnyClient
  }
  async function currentClient(mode: 'legacy' | 'auto' | { pin: string }): Promise<AnyClient> {
    const client = new CurrentClient({ name: 'interop-2', version: '2' }, { versionNegotiation: { mode } })
    await client.connect(new CurrentTransport(address(), { requestInit: headers() }))
    return client as unknown as AnyClient
  }
  const CLIENTS: [string, () => Promise<AnyClient>][] = [
    ['SDK 1.x', oldClient],
    ['SDK 2.x, 2025-11-25', () => currentClient('legacy')],
    ['SDK 2.x, 2026-07-28', () => currentClient({ pin: '2026-07-28' })],
    ['SDK 2.x, whichever era', () => currentClient('auto')],
  ]

  beforeAll(async () => {
    engine = await startTestEngine()
    const made = await engine.owner.tokens.create({
      project: 'demo',
      name: 'interop',
      kind: 'access',
      grants: [{ connection: 'sales', permissions: ['read', 'write'] }],
    })
    token = made.secret ?? ''
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  test.each(CLIENTS)("%s is denied what the token can't do", async (_name, connect) => {
    const client = await connect()
    const { tools } = await client.listTools()
    expect(tools.map((tool) => tool.name)).not.toContain('create_table')
    const refused = await client.callTool({
      name: 'create_table',
      arguments: { table_id: 'T', columns: [{ id: 'A', type: 'Text' }] },
    })
    expect(refused['isError']).toBe(true)
    expect(refused['content'][0].text).toMatch(/^Permission denied/)
    expect((refused['_meta'] as any)['hallpass/error']).toMatchObject({
      code: 'UNAUTHORIZED',
      error: expect.stringMatching(/^Permission denied/),
    })
    await client.close()
  })

  test.each(CLIENTS)('%s lists tools, reads, and gets a session token that works', async (_name, connect) => {
    const client = await connect()
    const { tools } = await client.listTools()
    expect(tools.map((tool) => tool.name)).toEqual(
      expect.arrayContaining(['list_documents', 'get_records', 'add_records', 'request_session_token']),
    )
    const tables = await client.callTool({ name: 'list_tables', arguments: {} })
    expect(tables['structuredContent'].tables).toContain('Orders')
    const described = await client.callTool({ name: 'describe_table', arguments: { table: 'Orders' } })
    expect(described['structuredContent'].columns.length).toBeGreaterThan(1)
    const records = await client.callTool({ name: 'get_records', arguments: { table: 'Orders', limit: 2 } })
    expect(records['structuredContent'].records).toHaveLength(2)
    const counted = await client.callTool({
      name: 'sql_query',
      arguments: { query: 'SELECT count(*) AS n FROM Orders' },
    })
    expect(counted['structuredContent'].rows[0].n).toBeGreaterThan(1)
    const { structuredContent: session } = await client.callTool({
      name: 'request_session_token',
      arguments: { document: 'sales', permissions: ['read'] },
    })
    const reply = await fetch(session.proxy_url, {
      method: 'POST',
      headers: { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ method: 'list_tables' }),
    })
    expect(await reply.json()).toEqual({ success: true, data: tables['structuredContent'] })
    await client.close()
  })

  test('the log names the client and the tool', () => {
    return expect
      .poll(async () => {
        const rows = await engine.owner.requests.list({ project: 'demo' })
        return rows.some(
          (row) =>
            row.client === 'interop-1/1' &&
            row.method === 'request_session_token' &&
            row.transport === 'mcp-http' &&
            row.status === 200,
        )
      })
      .toBe(true)
  })

  test('a client continues with its session after a restart', async () => {
    const client = await oldClient()
    const { home, url } = engine
    await engine.stop()
    engine = await startTestEngine({ home, port: Number(new URL(url).port) })
    expect((await client.listTools()).tools.length).toBeGreaterThan(5)
    expect((await client.callTool({ name: 'list_tables' }))['structuredContent'].tables).toContain('Orders')
    await client.close()
  })
})
