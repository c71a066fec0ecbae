import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFixture, type Fixture } from '../conformance/fixture/start-fixture.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { modernCaller } from './support/mcp-caller.ts'
import { errorOf, openSession, rpc, INITIALIZE } from './support/start-bridge-rig.ts'

describe('the modes of a project for MCP clients', { timeout: 60_000 }, () => {
  let engine: TestEngine
  let fixture: Fixture

  beforeAll(async () => {
    engine = await startTestEngine()
    fixture = await startFixture()
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await fixture?.close()
  })

  async function token(project: string, options: object = { clone: true }): Promise<string> {
    return (
      (
        await engine.owner.tokens.create({
          project,
          name: `t${Math.random().toString(36).slice(2)}`,
          kind: 'access',
          ...options,
        })
      ).secret ?? ''
    )
  }
  const address = (project: string): string => `${engine.url}/projects/${project}/mcp`

  describe('in search mode', () => {
    let session: Awaited<ReturnType<typeof openSession>>
    beforeAll(async () => {
      await engine.owner.projects.create({ name: 'found' })
      await engine.owner.connections.include({ name: 'sales', project: 'found' })
      await engine.owner.connections.create({
        name: 'things',
        project: 'found',
        config: { kind: 'mcp', url: fixture.url },
      })
      expect((await engine.owner.projects.update({ name: 'found', mode: 'search' })).mode).toBe('search')
      session = await openSession(
        address('found'),
        await token('found', {
          grants: [
            { connection: 'things', permissions: ['read', 'write'], tools: ['test_simple_text', 'test_image_content'] },
            { connection: 'sales', permissions: ['read'] },
          ],
        }),
      )
    })
    const search = async (query: string, limit?: number) =>
      (await session.tool('search_tools', { query, ...(limit === undefined ? {} : { limit }) }))?.['result']
        .structuredContent

    test('tools outside the grants are not found, described or called', async () => {
      const { tools } = await search('', 50)
      expect(tools.filter((tool: any) => tool.name.startsWith('things__')).map((tool: any) => tool.name)).toEqual([
        'things__test_image_content',
        'things__test_simple_text',
      ])
      expect((await session.tool('describe_tool', { name: 'things__test_sampling' }))?.['result'].isError).toBe(true)
      const refused = (
        await session.tool('call_tool', { name: 'things__test_sampling', arguments: { prompt: 'x' } })
      )?.['result']
      expect(errorOf(refused)).toMatchObject({ code: 'UNAUTHORIZED' })
      expect(
        errorOf((await session.tool('call_tool', { name: 'add_records', arguments: {} }))?.['result']),
      ).toMatchObject({ code: 'UNAUTHORIZED' })
    })

    test('lists three tools, and rejects a call of any other by its own name', async () => {
      const { body } = await session.send('tools/list')
      expect(body?.['result'].tools.map((tool: any) => tool.name)).toEqual([
        'search_tools',
        'describe_tool',
        'call_tool',
      ])
      expect((await session.tool('things__test_simple_text'))?.['error'].message).toContain('Unknown tool')
      expect((await session.tool('list_tables'))?.['error'].message).toContain('Unknown tool')
    })

    test('the same query finds the same tools in the same order, names before descriptions', async () => {
      const first = await search('image')
      expect(first.tools[0].name).toBe('things__test_image_content')
      expect(await search('image')).toEqual(first)
      expect((await search('read records of a table')).tools.map((tool: any) => tool.name)).toContain('get_records')
      expect((await search('', 2)).tools).toHaveLength(2)
      expect(await search('zzzzz')).toEqual({ tools: [], total: 0, connections: ['sales', 'things'] })
      expect(errorOf((await session.tool('search_tools', {}))?.['result'])).toMatchObject({ field: 'query' })
    })

    test('tools that are found can be described and called, and the row names them', async () => {
      const described = (await session.tool('describe_tool', { name: 'things__test_simple_text' }))?.['result']
        .structuredContent
      expect(described).toMatchObject({ name: 'things__test_simple_text', inputSchema: { type: 'object' } })
      const both = (await session.tool('describe_tool', { names: ['list_tables', 'things__test_simple_text'] }))?.[
        'result'
      ]
      expect(both.structuredContent.tools.map((tool: any) => tool.name)).toEqual([
        'list_tables',
        'things__test_simple_text',
      ])
      expect(
        errorOf((await session.tool('describe_tool', { names: ['list_tables', 'things__test_sampling'] }))?.['result']),
      ).toMatchObject({ code: 'INVALID_REQUEST', field: 'name' })
      const called = (await session.tool('call_tool', { name: 'things__test_simple_text' }))?.['result']
      expect(called.content[0].text).toContain('simple text')
      expect(
        (await session.tool('call_tool', { name: 'list_tables', arguments: {} }))?.['result'].structuredContent.tables,
      ).toContain('Orders')
      await expect
        .poll(async () => (await engine.owner.requests.list({ project: 'found' })).map((row) => row.method))
        .toEqual(expect.arrayContaining(['things__test_simple_text', 'list_tables', 'search_tools', 'describe_tool']))
    })
  })

  test("a token can have its own mode that differs from its project's", async () => {
    await engine.owner.projects.create({ name: 'either' })
    await engine.owner.connections.include({ name: 'sales', project: 'either' })
    const listed = async (secret: string): Promise<string[]> => {
      const session = await openSession(address('either'), secret)
      return (await session.send('tools/list')).body?.['result'].tools.map((tool: any) => tool.name)
    }
    const [searching, plain, all] = [
      await token('either', { clone: true, mode: 'search' }),
      await token('either'),
      await token('either', { clone: true, mode: 'all' }),
    ]
    expect(await listed(searching)).toEqual(['search_tools', 'describe_tool', 'call_tool'])
    expect(await listed(plain)).toContain('list_tables')
    await engine.owner.projects.update({ name: 'either', mode: 'search' })
    expect(await listed(plain)).toEqual(['search_tools', 'describe_tool', 'call_tool'])
    expect(await listed(all)).toContain('list_tables')
    expect((await engine.owner.tokens.list({ project: 'either' })).map((one) => one.mode).toSorted()).toEqual(
      ['all', 'search', null].toSorted(),
    )
  })

  describe('in pass-through', () => {
    beforeAll(async () => {
      await engine.owner.projects.create({ name: 'through' })
      await engine.owner.connections.create({
        name: 'passed',
        project: 'through',
        config: { kind: 'mcp', url: fixture.url },
      })
    })

    test('is rejected for a connection that the project lacks, that is not an MCP server, or that would hide another', async () => {
      await expect(engine.owner.projects.update({ name: 'through', pass_through: 'nowhere' })).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        data: { field: 'pass_through' },
      })
      await engine.owner.connections.include({ name: 'sales', project: 'through' })
      await expect(engine.owner.projects.update({ name: 'through', pass_through: 'sales' })).rejects.toMatchObject({
        data: { field: 'pass_through' },
      })
      await engine.owner.connections.create({
        name: 'second',
        project: 'through',
        config: { kind: 'mcp', url: fixture.url },
      })
      await expect(engine.owner.projects.update({ name: 'through', pass_through: 'passed' })).rejects.toThrow(
        /"second"/,
      )
      await engine.owner.connections.exclude({ name: 'second', project: 'through' })
    })

    test("shows the upstream's names, capabilities and instructions unchanged, and nothing of Hallpass", async () => {
      expect((await engine.owner.projects.update({ name: 'through', pass_through: 'passed' })).pass_through).toBe(
        'passed',
      )
      const secret = await token('through')
      const { body } = await rpc(address('through'), secret, INITIALIZE)
      expect(body?.['result']).toMatchObject({
        serverInfo: { name: 'conformance-fixture' },
        instructions: 'A server to test with.',
        capabilities: { prompts: { listChanged: true } },
      })
      const session = await openSession(address('through'), secret)
      const names = (await session.send('tools/list')).body?.['result'].tools.map((tool: any) => tool.name)
      expect(names.toSorted()).toEqual([...fixture.world.tools.keys()].toSorted())
      expect((await session.tool('test_simple_text'))?.['result'].content[0].text).toContain('simple')
      expect((await session.tool('list_documents'))?.['error'].message).toContain('Unknown tool')
      expect(
        (await session.send('resources/read', { uri: 'test://static-text' })).body?.['result'].contents[0].uri,
      ).toBe('test://static-text')
      expect(
        (await session.send('prompts/get', { name: 'test_simple_prompt' })).body?.['result'].messages,
      ).toHaveLength(1)
    })

    test('a token without a grant, or with a grant on some tools, sees nothing beyond its grants', async () => {
      const none = await openSession(
        address('through'),
        await token('through', { grants: [{ connection: 'sales', permissions: ['read'] }] }),
      )
      expect((await none.send('tools/list')).body?.['result'].tools).toEqual([])
      expect((await none.tool('test_simple_text'))?.['error'].message).toContain('Unknown tool')
      expect((await none.send('resources/read', { uri: 'test://static-text' })).body?.['error'].data).toMatchObject({
        code: 'UNAUTHORIZED',
      })
      const some = await openSession(
        address('through'),
        await token('through', { grants: [{ connection: 'passed', permissions: ['read'], tools: ['test_simple_*'] }] }),
      )
      expect((await some.send('tools/list')).body?.['result'].tools.map((tool: any) => tool.name)).toEqual([
        'test_simple_text',
      ])
      expect(errorOf((await some.tool('test_sampling', { prompt: 'x' }))?.['result'])).toMatchObject({
        code: 'UNAUTHORIZED',
      })
      expect((await some.send('a/method/of/its/own')).body?.['error'].data).toMatchObject({ code: 'UNAUTHORIZED' })
    })

    test('ends with the connection, and names get their prefix again', async () => {
      await engine.owner.connections.exclude({ name: 'passed', project: 'through' })
      expect((await engine.owner.projects.get({ name: 'through' })).pass_through).toBeNull()
      await engine.owner.connections.include({ name: 'passed', project: 'through' })
      expect((await engine.owner.projects.get({ name: 'through' })).pass_through).toBe('passed')
      expect((await engine.owner.projects.update({ name: 'through', pass_through: null })).pass_through).toBeNull()
      const session = await openSession(address('through'), await token('through'))
      expect((await session.send('tools/list')).body?.['result'].tools.map((tool: any) => tool.name)).toContain(
        'passed__test_simple_text',
      )
    })

    test('a connection created for pass-through is one, alone in its project', async () => {
      await engine.owner.projects.create({ name: 'alone' })
      await engine.owner.connections.create({
        name: 'only',
        project: 'alone',
        config: { kind: 'mcp', url: fixture.url, pass_through: true },
      })
      const session = await openSession(address('alone'), await token('alone'))
      expect((await session.send('tools/list')).body?.['result'].tools.map((tool: any) => tool.name)).toContain(
        'test_simple_text',
      )
    })
  })

  describe('when it changes', () => {
    async function eventsOf(url: string, secret: string, sessionId: string, seen: string[]): Promise<AbortController> {
      const controller = new AbortController()
      const response = await fetch(url, {
        headers: { accept: 'text/event-stream', authorization: `Bearer ${secret}`, 'mcp-session-id': sessionId },
        signal: controller.signal,
      })
      void (async () => {
        for await (const chunk of response.body ?? []) {
          for (const [, method = ''] of new TextDecoder().decode(chunk).matchAll(/"method":"([^"]+)"/g))
            seen.push(method)
        }
      })().catch(() => undefined)
      return controller
    }

    test("clients of both eras are notified of a new connection, a removed grant and an upstream's change", async () => {
      await engine.owner.projects.create({ name: 'moving' })
      await engine.owner.connections.create({
        name: 'moved',
        project: 'moving',
        config: { kind: 'mcp', url: fixture.url },
      })
      const secret = await token('moving')
      const url = address('moving')
      const session = await openSession(url, secret)
      const seen: string[] = []
      const events = await eventsOf(url, secret, session.id, seen)
      const heard: string[] = []
      const listening = new AbortController()
      const stream = await modernCaller(url, secret).open(
        'subscriptions/listen',
        { notifications: { toolsListChanged: true } },
        listening.signal,
      )
      void (async () => {
        for await (const chunk of stream.body ?? []) {
          for (const [, method = ''] of new TextDecoder().decode(chunk).matchAll(/"method":"([^"]+)"/g))
            heard.push(method)
        }
      })().catch(() => undefined)

      await engine.owner.connections.setToolPermission({ name: 'moved', tool: 'test_simple_text', permission: 'write' })
      await expect.poll(() => seen, { timeout: 5000 }).toContain('notifications/tools/list_changed')
      await expect.poll(() => heard, { timeout: 5000 }).toContain('notifications/tools/list_changed')

      await session.tool('moved__test_simple_text')
      seen.length = 0
      for (let storm = 0; storm < 200; storm += 1) fixture.world.changed('prompts')
      await expect.poll(() => seen, { timeout: 5000 }).toContain('notifications/prompts/list_changed')
      // A later change. All notifications of the earlier changes have been sent by then.
      await engine.owner.connections.setToolPermission({ name: 'moved', tool: 'test_simple_text', permission: 'read' })
      await expect.poll(() => seen, { timeout: 5000 }).toContain('notifications/tools/list_changed')
      expect(seen.filter((method) => method === 'notifications/prompts/list_changed').length).toBeLessThan(6)

      seen.length = 0
      await engine.owner.connections.exclude({ name: 'moved', project: 'moving' })
      await expect.poll(() => seen, { timeout: 5000 }).toContain('notifications/tools/list_changed')
      expect(
        (await session.send('tools/list')).body?.['result'].tools.some((tool: any) => tool.name.startsWith('moved__')),
      ).toBe(false)
      events.abort()
      listening.abort()
    })
  })
})
