import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isPlain } from '../../src/engine/bridge/serve/sessions/plain-requests.ts'
import { startFixture, type Fixture } from '../conformance/fixture/start-fixture.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { startScriptedUpstream, tool, type ScriptedUpstream } from './support/scripted-upstream.ts'
import { openSession, rpc } from './support/start-bridge-rig.ts'

/** A request with a field of the protocol in `_meta` means the same and goes through the SDK's server: both ways must agree. */
const META = { _meta: { 'io.modelcontextprotocol/unused': 1 } }

const RESULTS: Record<string, object> = {
  text: { content: [{ type: 'text', text: 'plain' }] },
  structured: { content: [{ type: 'text', text: '{"n":1}' }], structuredContent: { n: 1, deep: [null] } },
  failed: { content: [{ type: 'text', text: 'no' }], isError: true },
  empty: { content: [] },
  without: {},
  image: { content: [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }] },
  link: { content: [{ type: 'resource_link', uri: 'file:///a', name: 'a' }] },
  meta: { content: [{ type: 'text', text: 'x', annotations: { priority: 1 } }], _meta: { 'example/trace': 1 } },
  broken: { content: [{ type: 'text' }] },
  unknown: { content: [{ type: 'text', text: 'x' }], future: { a: 1 } },
}

describe('plain requests', { timeout: 60_000 }, () => {
  let engine: TestEngine
  let fixture: Fixture
  let upstream: ScriptedUpstream
  let token: string
  let url: string
  let release: (() => void)[] = []

  beforeAll(async () => {
    engine = await startTestEngine()
    fixture = await startFixture({ eras: 'legacy' })
    upstream = await startScriptedUpstream({
      tools: [...Object.keys(RESULTS), 'waits', 'rejects'].map((name) => tool(name)),
      async call({ name }) {
        if (name === 'waits') await new Promise<void>((resolve) => release.push(resolve))
        if (name === 'rejects') throw new Error('no')
        return RESULTS[String(name)] ?? { content: [] }
      },
    })
    await engine.owner.projects.create({ name: 'p' })
    await engine.owner.connections.include({ name: 'sales', project: 'p' })
    await engine.owner.connections.create({ name: 'up', project: 'p', config: { kind: 'mcp', url: upstream.url } })
    await engine.owner.connections.create({ name: 'fix', project: 'p', config: { kind: 'mcp', url: fixture.url } })
    token = (await engine.owner.tokens.create({ project: 'p', name: 't', kind: 'access', clone: true })).secret ?? ''
    url = `${engine.url}/projects/p/mcp`
  })
  afterAll(async () => {
    for (const each of release) each()
    await engine?.[Symbol.asyncDispose]()
    await fixture?.close()
    await upstream?.close()
  })

  async function bothWays(method: string, params: object) {
    const session = await openSession(url, token)
    const [plain, whole] = [await session.send(method, params), await session.send(method, { ...params, ...META })]
    return { plain: [plain.status, withoutId(plain.body)], whole: [whole.status, withoutId(whole.body)] }
  }
  const withoutId = (body: object | null): object => ({ ...body, id: undefined })

  test.each([
    [
      'a token that was revoked',
      async () => {
        const { secret } = await engine.owner.tokens.create({ project: 'p', name: 'gone', kind: 'access', clone: true })
        const session = await openSession(url, secret ?? '')
        await engine.owner.tokens.revoke({ project: 'p', name: 'gone' })
        return (await session.send('tools/call', { name: 'up__text' })).status
      },
      401,
    ],
    [
      'a session of another token',
      async () => {
        const { secret } = await engine.owner.tokens.create({
          project: 'p',
          name: 'other',
          kind: 'access',
          clone: true,
        })
        const { id } = await openSession(url, secret ?? '')
        const call = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
        return (await rpc(url, token, call, { 'mcp-session-id': id })).status
      },
      404,
    ],
  ])('are rejected for %s', async (_title, status, expected) => {
    expect(await status()).toBe(expected)
  })

  test.each([...Object.keys(RESULTS), 'rejects', 'nothing_here'])(
    "a call of %s gets the same response as through the SDK's server",
    async (name) => {
      const { plain, whole } = await bothWays('tools/call', { name: `up__${name}`, arguments: { a: 1 } })
      expect(plain).toEqual(whole)
    },
  )

  test('tools of documents, of Hallpass and unknown tools get the same responses', async () => {
    for (const params of [
      { name: 'list_tables', arguments: { document: 'sales' } },
      { name: 'list_documents' },
      { name: 'get_records', arguments: { document: 'sales' } },
      { name: 'no_such_tool' },
      { name: 'elsewhere__tool' },
    ]) {
      const { plain, whole } = await bothWays('tools/call', params)
      expect(plain, params.name).toEqual(whole)
    }
  })

  test('the list of tools is the same, and follows a change immediately', async () => {
    const before = await bothWays('tools/list', {})
    expect(before.plain).toEqual(before.whole)
    expect((before.plain[1] as any).result.tools.length).toBeGreaterThan(20)
    await engine.owner.connections.exclude({ name: 'fix', project: 'p' })
    const after = await bothWays('tools/list', {})
    expect(after.plain).toEqual(after.whole)
    expect((after.plain[1] as any).result.tools.length).toBeLessThan((before.plain[1] as any).result.tools.length)
    await engine.owner.connections.include({ name: 'fix', project: 'p' })
  })

  test.each<[string, string | object, number]>([
    ['a list', { method: 'tools/list' }, 200],
    ['a call', { method: 'tools/call', params: { name: 'up__text' } }, 200],
    ['a call of an unknown tool', { method: 'tools/call', params: { name: 'up__nothing' } }, 200],
    ['a call that needs the SDK', { method: 'tools/call', params: { name: 'up__text', ...META } }, 200],
    [
      'a call that becomes an event stream',
      { method: 'tools/call', params: { name: 'fix__test_tool_with_progress', _meta: { progressToken: 1 } } },
      200,
    ],
    ['a notification', '{"jsonrpc":"2.0","method":"notifications/initialized"}', 202],
    ['an ID beyond 2^53', '{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/list"}', 400],
  ])('the response to %s has the headers of every response', async (_what, message, status) => {
    const { id } = await openSession(url, token)
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${token}`,
        'mcp-session-id': id,
        'x-request-id': 'mine',
      },
      body: typeof message === 'string' ? message : JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
    })
    expect(response.status).toBe(status)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-request-id': 'mine',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': expect.stringMatching(/^no-/),
      'x-ratelimit-limit': expect.stringMatching(/^\d+$/),
    })
    await response.text()
  })

  test('each leaves one row with the same facts', async () => {
    const session = await openSession(url, token)
    await session.tool('up__text')
    await session.send('tools/call', { name: 'up__text', ...META })
    await session.send('tools/list')
    await session.send('tools/list', META)
    const facts = async () =>
      (await engine.owner.requests.list({ project: 'p', limit: 4 })).map(
        ({ method, connection, status, client, token: by }) => ({ method, connection, status, client, by }),
      )
    await expect.poll(facts).toHaveLength(4)
    const rows = (await facts()).toSorted((one, other) => (one.method < other.method ? -1 : 1))
    expect(rows[0]).toEqual(rows[1])
    expect(rows[2]).toEqual(rows[3])
  })

  test('a call that the client cancels is interrupted upstream, and its ID can be used again', async () => {
    const session = await openSession(url, token)
    const before = upstream.cancelled
    const running = session.send('tools/call', { name: 'up__waits' })
    await expect.poll(() => upstream.running).toBe(1)
    await session.notify('notifications/cancelled', { requestId: 1 })
    expect((await running).status).toBe(202)
    await expect.poll(() => upstream.cancelled).toBe(before + 1)
    release.splice(0).forEach((each) => each())
    expect(
      (await rpc(url, token, { jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-session-id': session.id })).status,
    ).toBe(200)
  })

  test('an ID that is in use is rejected on either path', async () => {
    const session = await openSession(url, token)
    const running = session.send('tools/call', { name: 'up__waits' })
    await expect.poll(() => upstream.running).toBe(1)
    for (const params of [{ name: 'up__text' }, { name: 'up__text', ...META }]) {
      const again = { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
      expect((await rpc(url, token, again, { 'mcp-session-id': session.id })).body?.['error'].code).toBe(-32600)
    }
    release.splice(0).forEach((each) => each())
    expect((await running).status).toBe(200)
  })

  test('the end of a session interrupts its calls', async () => {
    const session = await openSession(url, token)
    const running = session.send('tools/call', { name: 'up__waits' })
    await expect.poll(() => upstream.running).toBe(1)
    const headers = { authorization: `Bearer ${token}`, 'mcp-session-id': session.id }
    await fetch(url, { method: 'DELETE', headers })
    expect((await running).status).toBe(404)
    release.splice(0).forEach((each) => each())
  })
})

function call(meta: unknown): object {
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', _meta: meta } }
}

test.each([
  [{ jsonrpc: '2.0', id: 1, method: 'tools/list' }, true],
  [{ jsonrpc: '2.0', id: 'a', method: 'tools/call', params: { name: 'x', arguments: {} } }, true],
  [{ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { cursor: 'x' } }, false],
  [{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', _meta: {} } }, true],
  [call({ progressToken: 7, 'claudecode/toolUseId': 'a' }), true],
  [call({ progressToken: 'seven' }), true],
  [call({ progressToken: 1.5 }), false],
  [call({ progressToken: {} }), false],
  [call({ 'io.modelcontextprotocol/related-task': { taskId: 'x' } }), false],
  [call({ 'modelcontextprotocol/x': 1 }), false],
  [call({ 'dev.mcp.trial/x': 1 }), false],
  [call('text'), false],
  [{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', task: {} } }, false],
  [{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', arguments: [] } }, false],
  [{ jsonrpc: '2.0', id: 1.5, method: 'tools/list' }, false],
  [{ jsonrpc: '2.0', method: 'tools/list' }, false],
  [{ jsonrpc: '1.0', id: 1, method: 'tools/list' }, false],
  [{ jsonrpc: '2.0', id: 1, method: 'ping' }, false],
  [{ jsonrpc: '2.0', id: 1, method: 'tools/list', extra: 1 }, false],
])('classifies %j as plain: %s', (body, expected) => {
  expect(isPlain(body)).toBe(expected)
})
