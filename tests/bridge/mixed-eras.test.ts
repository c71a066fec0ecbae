import {
  Client as CurrentClient,
  StreamableHTTPClientTransport as CurrentTransport,
} from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFixture, type Fixture } from '../conformance/fixture/start-fixture.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

type Json = Record<string, any>
interface AnyClient {
  listTools(params?: Json): Promise<Json>
  listResources(params?: Json): Promise<Json>
  listResourceTemplates(params?: Json): Promise<Json>
  listPrompts(params?: Json): Promise<Json>
  readResource(params: Json): Promise<Json>
  getPrompt(params: Json): Promise<Json>
  complete(params: Json): Promise<Json>
  callTool(params: Json, ...more: any[]): Promise<Json>
  close(): Promise<void>
}
interface Met {
  client: AnyClient
  logs: Json[]
  call(name: string, args?: Json, options?: Json): Promise<Json>
}

const CAPABILITIES = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }
const ELICITED = { action: 'accept' as const, content: { response: 'yes', name: 'Ada', ok: true, color: 'blue' } }
const SAMPLED = { role: 'assistant' as const, model: 'test', content: { type: 'text' as const, text: 'Paris' } }
const ROOTS = { roots: [{ uri: 'file:///work', name: 'work' }] }

describe('clients and upstreams of either protocol era', { timeout: 60_000 }, () => {
  let engine: TestEngine
  let old: Fixture
  let modern: Fixture
  let token: string

  beforeAll(async () => {
    engine = await startTestEngine({ sample: false })
    ;[old, modern] = await Promise.all([startFixture({ eras: 'legacy' }), startFixture({ eras: 'modern' })])
    await engine.owner.projects.create({ name: 'mix' })
    await engine.owner.connections.create({ name: 'old', project: 'mix', config: { kind: 'mcp', url: old.url } })
    await engine.owner.connections.create({ name: 'new', project: 'mix', config: { kind: 'mcp', url: modern.url } })
    token =
      (await engine.owner.tokens.create({ project: 'mix', name: 'all', kind: 'access', clone: true })).secret ?? ''
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await Promise.all([old?.close(), modern?.close()])
  })

  const address = (): URL => new URL(`${engine.url}/projects/mix/mcp`)
  const requestInit = (): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })

  async function oldClient(): Promise<Met> {
    const logs: Json[] = []
    const client = new OldClient({ name: 'old', version: '1' }, { capabilities: CAPABILITIES })
    client.setRequestHandler(ElicitRequestSchema, () => ELICITED)
    client.setRequestHandler(CreateMessageRequestSchema, () => SAMPLED)
    client.setRequestHandler(ListRootsRequestSchema, () => ROOTS)
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logs.push(params))
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void logs.push(params))
    await client.connect(new OldTransport(address(), { requestInit: requestInit() }) as never)
    const any = client as unknown as AnyClient
    return {
      client: any,
      logs,
      call: (name, args = {}, options = {}) => any.callTool({ name, arguments: args }, undefined, options),
    }
  }

  async function currentClient(mode: 'legacy' | { pin: string }): Promise<Met> {
    const logs: Json[] = []
    const client = new CurrentClient(
      { name: 'current', version: '2' },
      { capabilities: CAPABILITIES, versionNegotiation: { mode } },
    )
    client.setRequestHandler('elicitation/create', () => ELICITED)
    client.setRequestHandler('sampling/createMessage', () => SAMPLED as never)
    client.setRequestHandler('roots/list', () => ROOTS)
    client.setNotificationHandler('notifications/message', ({ params }) => void logs.push(params))
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void logs.push(params))
    await client.connect(new CurrentTransport(address(), { requestInit: requestInit() }))
    const any = client as unknown as AnyClient
    return {
      client: any,
      logs,
      call: (name, args = {}, options = {}) => any.callTool({ name, arguments: args }, options),
    }
  }

  const CLIENTS: [string, () => Promise<Met>][] = [
    ['SDK 1.x', oldClient],
    ['SDK 2.x of 2025-11-25', () => currentClient('legacy')],
    ['SDK 2.x of 2026-07-28', () => currentClient({ pin: '2026-07-28' })],
  ]

  describe.each(CLIENTS)('%s', (name, connect) => {
    const isModern = name.endsWith('2026-07-28')
    let met: Met
    beforeAll(async () => {
      met = await connect()
    })
    afterAll(() => met?.client.close())

    test('lists tools, resources, templates and prompts of both upstreams under distinct names', async () => {
      const { tools } = await met.client.listTools()
      const names = tools.map((tool: Json) => tool['name']) as string[]
      expect(names).toEqual(
        expect.arrayContaining(['old__test_simple_text', 'new__test_simple_text', 'list_connections']),
      )
      expect(new Set(names).size).toBe(names.length)
      const { resources } = await met.client.listResources()
      const uris = resources.map((resource: Json) => resource['uri']) as string[]
      expect(uris).toEqual(
        expect.arrayContaining(['hallpass+old+test://static-text', 'hallpass+new+test://static-text']),
      )
      const { resourceTemplates } = await met.client.listResourceTemplates()
      expect(resourceTemplates.map((one: Json) => one['uriTemplate'])).toContain(
        'hallpass+old+test://template/{id}/data',
      )
      const { prompts } = await met.client.listPrompts()
      expect(prompts.map((one: Json) => one['name'])).toEqual(
        expect.arrayContaining(['old__test_simple_prompt', 'new__test_prompt_with_arguments']),
      )
    })

    test.each(['old', 'new'])('calls, reads, prompts and completes on “%s”', async (upstream) => {
      expect((await met.call(`${upstream}__test_simple_text`))['content'][0].text).toContain('simple text')
      expect((await met.call(`${upstream}__test_image_content`))['content'][0]).toMatchObject({
        type: 'image',
        mimeType: 'image/png',
      })
      expect((await met.call(`${upstream}__test_error_handling`))['isError']).toBe(true)
      const embedded = await met.call(`${upstream}__test_embedded_resource`)
      expect(embedded['content'][0].resource.uri).toBe(`hallpass+${upstream}+test://embedded-resource`)
      const { contents } = await met.client.readResource({ uri: `hallpass+${upstream}+test://template/7/data` })
      expect(contents[0]).toMatchObject({
        uri: `hallpass+${upstream}+test://template/7/data`,
        text: expect.stringContaining('Data for ID: 7'),
      })
      const { messages } = await met.client.getPrompt({
        name: `${upstream}__test_prompt_with_arguments`,
        arguments: { arg1: 'one', arg2: 'two' },
      })
      expect(messages[0].content.text).toBe("Prompt with arguments: arg1='one', arg2='two'")
      const { completion } = await met.client.complete({
        ref: { type: 'ref/prompt', name: `${upstream}__test_prompt_with_arguments` },
        argument: { name: 'arg1', value: 'be' },
      })
      expect(completion.values).toEqual(['beta'])
    })

    test.each(['old', 'new'])('receives the progress of a call on “%s”', async (upstream) => {
      const heard: number[] = []
      await met.call(
        `${upstream}__test_tool_with_progress`,
        {},
        { onprogress: ({ progress }: Json) => heard.push(progress) },
      )
      expect(heard).toEqual([0, 50, 100])
    })

    test.each(['old', 'new'])(
      'receives requests for a form, for its model and for its roots during a call on “%s”',
      async (upstream) => {
        const form = await met.call(`${upstream}__test_input_required_result_elicitation`)
        expect(form['content'][0].text).toBe('Hello, Ada!')
        const sampled = await met.call(`${upstream}__test_input_required_result_sampling`)
        expect(sampled['content'][0].text).toBe('Sampling response: Paris')
        const roots = await met.call(`${upstream}__test_input_required_result_list_roots`)
        expect(roots['content'][0].text).toBe('1 roots: file:///work')
        const several = await met.call(`${upstream}__test_input_required_result_multi_round`)
        expect(several['content'][0].text).toBe('Ada likes blue')
      },
    )

    test('receives a request during a call from an upstream that sends such requests', async () => {
      expect((await met.call('old__test_elicitation', { message: 'Well?' }))['content'][0].text).toContain(
        'action=accept',
      )
      expect((await met.call('old__test_sampling', { prompt: 'Capital?' }))['content'][0].text).toBe(
        'LLM response: Paris',
      )
    })

    test('gets its own results for many simultaneous calls that ask for input', async () => {
      const results = await Promise.all(
        Array.from({ length: 12 }, () => met.call('old__test_elicitation', { message: 'Well?' })),
      )
      for (const result of results) expect(result['content'][0].text).toContain('action=accept')
    })

    test('interrupts a call by canceling it', async () => {
      const controller = new AbortController()
      const call = met.call('old__test_reconnection', {}, { signal: controller.signal })
      controller.abort(new Error('enough'))
      await expect(call).rejects.toThrow()
    })

    test.skipIf(isModern)('receives log messages of an upstream from the level on that it sets', async () => {
      const client = met.client as unknown as { setLoggingLevel(level: string): Promise<void> }
      await client.setLoggingLevel('info')
      met.logs.length = 0
      await met.call('old__test_tool_with_logging')
      await expect
        .poll(() => met.logs.map((log) => log['data']))
        .toEqual(['Tool execution started', 'Tool processing data', 'Tool execution completed'])
      await client.setLoggingLevel('error')
      met.logs.length = 0
      await met.call('old__test_tool_with_logging')
      expect(met.logs).toEqual([])
    })

    test.skipIf(isModern).each(['old', 'new'])(
      'is notified of updates of a resource of “%s” that it subscribed to',
      async (upstream) => {
        const client = met.client as unknown as {
          subscribeResource(params: Json): Promise<void>
          unsubscribeResource(params: Json): Promise<void>
        }
        met.logs.length = 0
        const uri = `hallpass+${upstream}+test://watched-resource`
        await client.subscribeResource({ uri })
        // A modern upstream is listened to by a stream of its own, which may open after its answer.
        await expect
          .poll(
            () => {
              modern.world.resourceUpdated('test://watched-resource')
              return met.logs.map((log) => log['uri'])
            },
            { timeout: 5000, interval: 200 },
          )
          .toContain(uri)
        await client.unsubscribeResource({ uri })
      },
    )
  })

  test('leaves one row per call with its tool, connection and result', async () => {
    await expect
      .poll(
        async () => {
          const rows = await engine.owner.requests.list({ project: 'mix', connection: 'old' })
          return {
            methods: [...new Set(rows.map((row) => row.method))].toSorted(),
            all: rows.every((row) => row.transport === 'mcp-http' && row.token === 'all' && row.client !== null),
          }
        },
        { timeout: 5000 },
      )
      .toEqual({
        all: true,
        methods: expect.arrayContaining([
          'completion/complete',
          'old__test_elicitation',
          'old__test_simple_text',
          'prompts/get',
          'resources/read',
        ]),
      })
  })
})
