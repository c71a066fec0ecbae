import { PassThrough } from 'node:stream'
import { Client } from '@modelcontextprotocol/client'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFixture, type Fixture } from '../conformance/fixture/start-fixture.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

type Json = Record<string, any>

/** A client's end of a stream: one JSON-RPC message per line. */
function lineTransport(toServer: PassThrough, fromServer: PassThrough): Transport {
  let rest = ''
  const transport: Transport = {
    async start() {
      fromServer.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) transport.onmessage?.(JSON.parse(line) as JSONRPCMessage)
      })
      fromServer.on('end', () => transport.onclose?.())
    },
    async send(message) {
      toServer.write(`${JSON.stringify(message)}\n`)
    },
    async close() {
      toServer.end()
      transport.onclose?.()
    },
  }
  return transport
}

describe('stdio clients and upstreams', { timeout: 60_000 }, () => {
  let engine: TestEngine
  let old: Fixture
  let modern: Fixture

  beforeAll(async () => {
    engine = await startTestEngine({ sample: false })
    ;[old, modern] = await Promise.all([startFixture({ eras: 'legacy' }), startFixture({ eras: 'modern' })])
    await engine.owner.projects.create({ name: 'p' })
    await engine.owner.connections.create({ name: 'old', project: 'p', config: { kind: 'mcp', url: old.url } })
    await engine.owner.connections.create({ name: 'new', project: 'p', config: { kind: 'mcp', url: modern.url } })
    await engine.owner.tokens.create({ project: 'p', name: 'local', kind: 'local', clone: true })
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await Promise.all([old?.close(), modern?.close()])
  })

  async function connect(
    mode: 'legacy' | { pin: string },
  ): Promise<{ client: Client; seen: Json[]; end(): Promise<void> }> {
    const [toServer, fromServer] = [new PassThrough(), new PassThrough()]
    const served = engine.serveStream(toServer, fromServer, { project: 'p', signal: new AbortController().signal })
    const client = new Client(
      { name: 'lines', version: '1' },
      { capabilities: { elicitation: { form: {} }, sampling: {}, roots: {} }, versionNegotiation: { mode } },
    )
    client.setRequestHandler('elicitation/create', () => ({
      action: 'accept',
      content: { response: 'yes', name: 'Ada', color: 'blue', ok: true },
    }))
    client.setRequestHandler(
      'sampling/createMessage',
      () => ({ role: 'assistant', model: 'test', content: { type: 'text', text: 'Paris' } }) as never,
    )
    client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///work' }] }))
    const seen: Json[] = []
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void seen.push(params))
    client.setNotificationHandler('notifications/tools/list_changed', () => void seen.push({ changed: 'tools' }))
    await client.connect(lineTransport(toServer, fromServer))
    return {
      client,
      seen,
      async end() {
        await client.close()
        await served
      },
    }
  }

  test.each([
    ['2025-11-25', 'legacy'],
    ['2026-07-28', { pin: '2026-07-28' }],
  ] as const)('of %s call tools, receive requests and get progress', async (_era, mode) => {
    const { client, end } = await connect(mode)
    const names = (await client.listTools()).tools.map((tool) => tool.name)
    expect(names).toEqual(expect.arrayContaining(['old__test_simple_text', 'new__test_simple_text']))
    for (const upstream of ['old', 'new']) {
      const call = async (name: string, args: Json = {}): Promise<string> =>
        ((await client.callTool({ name: `${upstream}__${name}`, arguments: args })) as Json)['content'][0].text
      expect(await call('test_simple_text')).toContain('simple')
      expect(await call('test_input_required_result_multi_round')).toBe('Ada likes blue')
      expect(await call('test_input_required_result_multiple_inputs')).toBe('Paris Ada, 1 roots')
      const heard: number[] = []
      await client.callTool(
        { name: `${upstream}__test_tool_with_progress` },
        { onprogress: ({ progress }) => void heard.push(progress) },
      )
      expect(heard).toEqual([0, 50, 100])
    }
    const asked = (await Promise.all(
      Array.from({ length: 5 }, () =>
        client.callTool({ name: 'old__test_elicitation', arguments: { message: 'Well?' } }),
      ),
    )) as Json[]
    for (const result of asked) expect(result['content'][0].text).toContain('action=accept')
    expect((await client.readResource({ uri: 'hallpass+new+test://static-text' })).contents).toHaveLength(1)
    await end()
  })

  test('of 2025-11-25 are notified of changed lists, and of updates of resources that they subscribed to', async () => {
    const { client, seen, end } = await connect('legacy')
    await client.subscribeResource({ uri: 'hallpass+old+test://watched-resource' })
    await expect
      .poll(() => seen, { timeout: 5000 })
      .toContainEqual(expect.objectContaining({ uri: 'hallpass+old+test://watched-resource' }))
    await engine.owner.connections.setToolPermission({ name: 'old', tool: 'test_simple_text', permission: 'write' })
    await expect.poll(() => seen, { timeout: 5000 }).toContainEqual({ changed: 'tools' })
    await end()
  })

  test('of 2026-07-28 that listen get the same notifications', async () => {
    const [toServer, fromServer] = [new PassThrough(), new PassThrough()]
    const served = engine.serveStream(toServer, fromServer, { project: 'p', signal: new AbortController().signal })
    let text = ''
    fromServer.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'lines', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const send = (id: number, method: string, params: Json): void =>
      void toServer.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } })}\n`)
    send(1, 'server/discover', {})
    await expect.poll(() => text).toContain('"id":1')
    send(2, 'subscriptions/listen', {
      notifications: {
        toolsListChanged: true,
        resourceSubscriptions: ['hallpass+old+test://watched-resource', 'hallpass+nowhere+test://secret'],
      },
    })
    await expect.poll(() => text, { timeout: 5000 }).toContain('subscriptions/acknowledged')
    expect(text).not.toContain('nowhere')
    await expect
      .poll(
        () => {
          old.world.resourceUpdated('test://watched-resource')
          return text
        },
        { timeout: 5000 },
      )
      .toContain('"uri":"hallpass+old+test://watched-resource"')
    await engine.owner.connections.setToolPermission({ name: 'old', tool: 'test_simple_text', permission: null })
    await expect.poll(() => text, { timeout: 5000 }).toContain('notifications/tools/list_changed')
    toServer.end()
    await served
  })
})
