import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { until } from '../support/until.ts'
import { openSession } from './support/start-bridge-rig.ts'
import { startScriptedUpstream, tool, type ScriptedUpstream } from './support/scripted-upstream.ts'

/** Faults of other gateways that people reported, in their smallest form. */
describe('faults that users of other gateways reported', { timeout: 60_000 }, () => {
  let engine: TestEngine
  let upstream: ScriptedUpstream
  let url: string
  let token: string
  const held = new Map<string, () => void>()
  const LONG = 'é'.repeat(3 * 1024 * 1024)

  beforeAll(async () => {
    engine = await startTestEngine({ sample: false })
    upstream = await startScriptedUpstream({
      tools: [tool('echo'), tool('held'), tool('long'), tool('prose', { outputSchema: { type: 'object' } })],
      call: async ({ name, arguments: args }) => {
        if (name === 'held') await new Promise<void>((resolve) => held.set(String(args.key), resolve))
        return { content: [{ type: 'text', text: name === 'long' ? LONG : JSON.stringify(args) }] }
      },
    })
    await engine.owner.projects.create({ name: 'p' })
    await engine.owner.connections.create({ name: 'up', project: 'p', config: { kind: 'mcp', url: upstream.url } })
    token = (await engine.owner.tokens.create({ project: 'p', name: 't', kind: 'access', clone: true })).secret ?? ''
    url = `${engine.url}/projects/p/mcp`
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await upstream?.close()
  })

  function post(session: string, body: object, signal?: AbortSignal): Promise<Response> {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': session,
      'mcp-protocol-version': '2025-11-25',
    }
    return fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal: signal ?? null })
  }
  const call = (name: string, args: object, id: number) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: args },
  })

  // modelcontextprotocol/typescript-sdk#2433, modelcontextprotocol/python-sdk#3060
  test("simultaneous requests of one session with the same ID never get each other's responses", async () => {
    const { id: session } = await openSession(url, token)
    const first = post(session, call('up__held', { key: 'first' }, 1)).then((reply) => reply.text())
    await until('the first is running', () => held.has('first'))
    const second = post(session, call('up__echo', { key: 'second' }, 1)).then((reply) => reply.text())
    // The second is answered or rejected while the first is running; it never waits for the first or takes its answer.
    const answer = await second
    expect(answer).not.toContain('first')
    expect(/second|error/.test(answer)).toBe(true)
    held.get('first')?.()
    expect(await first).toContain('first')
  })

  // supercorp-ai/supergateway#143
  test('a client that leaves before its response interrupts neither other calls nor its own session', async () => {
    const { id: session } = await openSession(url, token)
    const { id: other } = await openSession(url, token)
    const leaving = new AbortController()
    const left = post(session, call('up__held', { key: 'leaves' }, 5), leaving.signal).catch(() => null)
    const stays = post(other, call('up__held', { key: 'stays' }, 5)).then((reply) => reply.text())
    await until('both are running', () => held.has('leaves') && held.has('stays'))
    leaving.abort()
    await left
    held.get('leaves')?.()
    held.get('stays')?.()
    expect(await stays).toContain('stays')
    expect(await (await post(session, call('up__echo', { again: true }, 6))).text()).toContain('again')
  })

  // supercorp-ai/supergateway#126
  test('a second event stream of a session interrupts no call and no upstream session', async () => {
    const { id: session } = await openSession(url, token)
    const running = post(session, call('up__held', { key: 'streamed' }, 7)).then((reply) => reply.text())
    await until('it is running', () => held.has('streamed'))
    const sessions = upstream.sessions
    const closing = new AbortController()
    const streams = await Promise.all(
      [1, 2].map(() =>
        fetch(url, {
          headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'mcp-session-id': session },
          signal: closing.signal,
        }),
      ),
    )
    for (const { status } of streams) expect([200, 409]).toContain(status)
    held.get('streamed')?.()
    expect(await running).toContain('streamed')
    closing.abort()
    expect(await (await post(session, call('up__echo', { after: 1 }, 8))).text()).toContain('after')
    expect(upstream.sessions).toBe(sessions)
  })

  // supercorp-ai/supergateway#123
  test('an unknown session gets 404, so that clients open a new one', async () => {
    expect((await post('never-heard-of-it', call('up__echo', {}, 9))).status).toBe(404)
  })

  // gravitational/teleport#67000, msrbuilds/elementor-mcp#70
  test('a result of several megabytes in one line reaches a program whole', async () => {
    const { secret } = await engine.owner.tokens.create({ project: 'p', name: 'program', kind: 'access', clone: true })
    const client = new Client({ name: 'program', version: '1' })
    const requestInit = { headers: { authorization: `Bearer ${secret}` } }
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }) as never)
    const { content } = (await client.callTool({ name: 'up__long', arguments: {} })) as { content: { text: string }[] }
    expect(content[0]?.text.length).toBe(LONG.length)
    expect(content[0]?.text).toBe(LONG)
    await client.close()
  })
})
