import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Grant } from '../../src/contract/grants.ts'
import { DOCUMENT_METHODS } from '../../src/contract/methods/document-methods.ts'
import { errorOf, INITIALIZE, openSession, rpc, startBridgeRig, type BridgeRig } from './support/start-bridge-rig.ts'

describe('MCP tools', () => {
  let rig: BridgeRig
  let tokens = 0
  beforeEach(async () => {
    rig = await startBridgeRig()
  })
  afterEach(() => rig[Symbol.asyncDispose]())

  async function client(...grants: Grant[]) {
    return openSession(rig.url, await rig.token(`t${++tokens}`, grants))
  }
  async function names(...grants: Grant[]): Promise<string[]> {
    const { body } = await (await client(...grants)).send('tools/list')
    return body?.['result'].tools.map((tool: { name: string }) => tool.name)
  }
  function refusal(body: Record<string, any> | null): { error: string; code: string } {
    expect(body?.['result'].structuredContent).toBeUndefined()
    return errorOf(body?.['result'])
  }

  test('tools outside the grants are hidden', async () => {
    expect(await names()).toEqual(['list_documents', 'list_connections', 'get_proxy_documentation'])
    const reading = await names({ connection: 'sales', permissions: ['read'] })
    expect(reading).toEqual(
      expect.arrayContaining(['list_tables', 'get_records', 'sql_query', 'request_session_token']),
    )
    expect(reading).not.toContain('add_records')
    expect(await names({ connection: 'sales', permissions: ['read', 'write'] })).not.toContain('create_table')
    expect(await names({ connection: 'sales', permissions: ['read'], tables: ['Orders'] })).not.toContain('sql_query')
    const all = await names({ connection: 'sales', permissions: ['read', 'write', 'schema'] })
    expect(all).toEqual(expect.arrayContaining(Object.keys(DOCUMENT_METHODS)))
  })

  test('a call of a hidden tool is rejected as over HTTP, and logged', async () => {
    const reader = await client({ connection: 'sales', permissions: ['read'] })
    expect(refusal(await reader.tool('create_table', { table_id: 'T', columns: [{ id: 'A', type: 'Text' }] }))).toEqual(
      { code: 'UNAUTHORIZED', error: expect.stringMatching(/^Permission denied/) },
    )
    expect(rig.rows.at(-1)).toMatchObject({
      method: 'create_table',
      status: 403,
      code: 'UNAUTHORIZED',
      connection: 'sales',
      transport: 'mcp-http',
      client: 'raw/1.0',
    })
    // The missing permission is reported before invalid fields.
    expect(refusal(await reader.tool('create_table', { nonsense: 1 })).code).toBe('UNAUTHORIZED')
    expect(rig.rows.at(-1)).toMatchObject({ method: 'create_table', status: 403 })
  })

  test('a token limited to tables gets neither SQL nor other tables', async () => {
    const narrow = await client({ connection: 'sales', permissions: ['read'], tables: ['Orders'] })
    expect(refusal(await narrow.tool('sql_query', { query: 'SELECT 1' }))).toMatchObject({ code: 'UNAUTHORIZED' })
    expect(refusal(await narrow.tool('get_records', { table: 'Secrets' }))).toMatchObject({ code: 'UNAUTHORIZED' })
    expect((await narrow.tool('get_records', { table: 'Orders' }))?.['result'].isError).toBeUndefined()
  })

  test('a document outside the grants gets the same error whether or not it exists', async () => {
    const reader = await client({ connection: 'sales', permissions: ['read'] })
    const existing = refusal(await reader.tool('list_tables', { document: 'stock' }))
    const absent = refusal(await reader.tool('list_tables', { document: 'nowhere' }))
    expect(existing.error).toMatch(/^Document not in scope/)
    expect(absent.error).toBe(existing.error.replace('stock', 'nowhere'))
  })

  test('a grant removed after the tools were listed allows no call', async () => {
    const reader = await client({ connection: 'sales', permissions: ['read'] })
    await reader.send('tools/list')
    const project = rig.store.read.project('demo')
    const sales = rig.store.read.connection('sales')
    rig.store.write.exclude([project?.id ?? 0], sales?.id ?? 0)
    await rig.access.endConnection('sales', 'demo')
    expect(refusal(await reader.tool('list_tables')).code).toBe('UNAUTHORIZED')
  })

  test('an unknown tool is a protocol error', async () => {
    const reader = await client({ connection: 'sales', permissions: ['read'] })
    const body = await reader.tool('drop_everything')
    expect(body?.['error']).toMatchObject({ code: -32602, message: 'Unknown tool: drop_everything' })
    expect(rig.rows.at(-1)).toMatchObject({ method: 'tools/call', status: 400 })
  })

  test("names of JavaScript's own properties are neither tools nor fields", async () => {
    const reader = await client({ connection: 'sales', permissions: ['read'] })
    for (const name of [
      '__proto__',
      'constructor',
      'toString',
      '',
      'LIST_TABLES',
      'list_tables ',
      'sales__list_tables',
    ]) {
      expect((await reader.tool(name))?.['error'].code, name).toBe(-32602)
    }
    expect(refusal(await reader.tool('list_tables', JSON.parse('{"constructor": 1}'))).code).toBe('INVALID_REQUEST')
    expect(refusal(await reader.tool('list_tables', { Document: 'sales' })).error).toBe(
      'Unknown field "Document". list_tables takes no fields.',
    )
    expect(({} as Record<string, unknown>)['sales']).toBeUndefined()
  })

  test('an invalid field gets the same error as over HTTP', async () => {
    const reader = await client({ connection: 'sales', permissions: ['read'] })
    expect(refusal(await reader.tool('get_records', { table: 'Orders', limit: 'x' }))).toMatchObject({
      code: 'INVALID_REQUEST',
      error: 'Field "limit" must be a whole number of at least 1, not "x".',
      field: 'limit',
    })
    expect(rig.rows.at(-1)).toMatchObject({
      method: 'get_records',
      status: 400,
      code: 'INVALID_REQUEST',
      connection: 'sales',
      resource: 'Orders',
    })
  })

  test('a call without a document uses the only one, and fails if there are several', async () => {
    const one = await client({ connection: 'sales', permissions: ['read'] })
    expect((await one.tool('list_tables'))?.['result'].structuredContent).toEqual({ tables: ['Orders'] })
    const two = await client(
      { connection: 'sales', permissions: ['read'] },
      { connection: 'stock', permissions: ['read'] },
    )
    expect(refusal(await two.tool('list_tables'))).toMatchObject({ code: 'INVALID_REQUEST', field: 'document' })
    expect((await two.tool('list_tables', { document: 'stock' }))?.['result'].structuredContent).toEqual({
      tables: ['Orders'],
    })
    const none = await client()
    expect(refusal(await none.tool('list_tables')).error).toMatch(/^Document not in scope/)
  })

  test('every tool has a closed input schema, an object as output, a title, hints and a name of at most 64 characters', async () => {
    const all = await client({ connection: 'sales', permissions: ['read', 'write', 'schema'] })
    const { body } = await all.send('tools/list')
    for (const tool of body?.['result'].tools ?? []) {
      expect(tool.inputSchema, tool.name).toMatchObject({ type: 'object', additionalProperties: false })
      expect(tool.outputSchema).toMatchObject({ type: 'object' })
      expect(JSON.stringify(tool)).not.toContain('$schema')
      expect(tool.title.length).toBeGreaterThan(3)
      expect(tool.description.length).toBeGreaterThan(10)
      expect(tool.name.length).toBeLessThanOrEqual(64)
      expect(Object.keys(tool.annotations)).toEqual(
        expect.arrayContaining(['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']),
      )
    }
    const hints = Object.fromEntries(body?.['result'].tools.map((tool: any) => [tool.name, tool.annotations]))
    expect(hints['get_records']).toMatchObject({ readOnlyHint: true, destructiveHint: false })
    expect(hints['delete_records']).toMatchObject({ readOnlyHint: false, destructiveHint: true })
    expect(hints['add_records']).toMatchObject({ destructiveHint: false, idempotentHint: false })
  })

  test('every document method returns structured content and the same content as text', async () => {
    const all = await client({ connection: 'sales', permissions: ['read', 'write', 'schema'] })
    const rows = await all.tool('sql_query', { query: 'SELECT 1 AS n' })
    expect(rows?.['result'].structuredContent).toEqual({ rows: [{ n: 1 }] })
    expect(JSON.parse(rows?.['result'].content[0].text)).toEqual({ rows: [{ n: 1 }] })
    expect(rig.rows.at(-1)).toMatchObject({ method: 'sql_query', status: 200, records: 1 })
    const added = await all.tool('add_records', { table: 'Orders', records: [{ Name: 'x' }] })
    expect(added?.['result'].structuredContent).toEqual({ record_ids: [1] })
  })

  test('list_documents and list_connections return what the token can access', async () => {
    const reader = await client({ connection: 'sales', permissions: ['read'], tables: ['Orders'] })
    const documents = await reader.tool('list_documents')
    expect(documents?.['result'].structuredContent.documents).toMatchObject([
      { name: 'sales', kind: 'sqlite', permissions: ['read'], tables: ['Orders'] },
    ])
    const connections = await reader.tool('list_connections')
    expect(connections?.['result'].structuredContent.connections).toMatchObject([
      { name: 'sales', kind: 'sqlite', permissions: ['read'], tables: ['Orders'] },
    ])
    expect(refusal(await reader.tool('list_documents', { x: 1 }))).toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'x',
    })
  })

  test('mints a session token within the grants only', async () => {
    const reader = await client({ connection: 'sales', permissions: ['read'] })
    const beyond = refusal(await reader.tool('request_session_token', { document: 'sales', permissions: ['write'] }))
    expect(beyond).toEqual({ code: 'UNAUTHORIZED', error: expect.stringMatching(/^Permission denied/) })
    const outside = refusal(await reader.tool('request_session_token', { document: 'stock', permissions: ['read'] }))
    expect(outside.error).toMatch(/^Document not in scope/)
    expect(
      refusal(await reader.tool('request_session_token', { document: 'sales', permissions: ['read'], ttl_seconds: 0 }))
        .code,
    ).toBe('INVALID_REQUEST')
    const reply = (await reader.tool('request_session_token', { document: 'sales', permissions: ['read'] }))?.['result']
      .structuredContent
    expect(reply).toMatchObject({ document: 'sales', permissions: ['read'] })
    expect(reply.token).toMatch(/^sess_/)
    expect(reply.proxy_url).toBe(rig.url.replace('/projects/demo/mcp', '/api/v1/proxy'))
    expect(JSON.stringify(rig.rows)).not.toContain(reply.token)
    expect(rig.rows.at(-1)).toMatchObject({ method: 'request_session_token', connection: 'sales', status: 200 })
  })

  test('get_proxy_documentation returns the methods and the URL', async () => {
    const reader = await client({ connection: 'sales', permissions: ['read'] })
    const reply = (await reader.tool('get_proxy_documentation'))?.['result'].structuredContent
    expect(Object.keys(reply.methods)).toEqual(Object.keys(DOCUMENT_METHODS))
    expect(reply.base_url).toBe(rig.url.replace('/projects/demo/mcp', ''))
  })

  test('a client that disconnects cancels its call', async () => {
    const reader = await client({ connection: 'sales', permissions: ['read'] })
    const aborted = Promise.withResolvers<void>()
    rig.answer.call = (_method, _fields, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.resolve()
          reject(signal.reason)
        })
      })
    const controller = new AbortController()
    const pending = reader.send('tools/call', { name: 'list_tables', arguments: {} }, controller.signal)
    await expect.poll(() => rig.rows.at(-1)?.method).toBe('list_tables')
    controller.abort()
    await expect(pending).rejects.toThrow()
    await aborted.promise
  })

  test('a canceled call is interrupted, and its HTTP request ends', async () => {
    const reader = await client({ connection: 'sales', permissions: ['read'] })
    const aborted = Promise.withResolvers<void>()
    rig.answer.call = (_method, _fields, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.resolve()
          reject(signal.reason)
        })
      })
    const pending = reader.send('tools/call', { name: 'list_tables', arguments: {} })
    await expect.poll(() => rig.rows.at(-1)?.method).toBe('list_tables')
    await reader.notify('notifications/cancelled', { requestId: 1 })
    await aborted.promise
    expect((await pending).status).toBe(202)
  })

  test('revoke interrupts a running call', async () => {
    const token = await rig.token('gone', [{ connection: 'sales', permissions: ['read'] }])
    const reader = await openSession(rig.url, token)
    const aborted = Promise.withResolvers<void>()
    rig.answer.call = (_method, _fields, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.resolve()
          reject(signal.reason)
        })
      })
    const pending = reader.send('tools/call', { name: 'list_tables', arguments: {} })
    await expect.poll(() => rig.rows.at(-1)?.method).toBe('list_tables')
    await rig.access.revokeToken('demo', 'gone')
    await aborted.promise
    expect(refusal((await pending).body).code).toBe('TOKEN_EXPIRED')
  })

  test("a client's name can't forge a log line", async () => {
    const clientInfo = { name: `evil\n\u202E hp_pat_${'x'.repeat(49)} ${'y'.repeat(500)}`, version: '1' }
    await rpc(rig.url, await rig.token('named', []), { ...INITIALIZE, params: { ...INITIALIZE.params, clientInfo } })
    const { client: logged } = rig.rows.at(-1) ?? {}
    expect(logged).not.toMatch(/\n|\u202E|hp_pat_/)
    // A hundred characters and an ellipsis.
    expect(logged?.length).toBeLessThanOrEqual(101)
  })
})
