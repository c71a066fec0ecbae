import { requireNoRoots, sentWithoutRoots } from '../../src/engine/mcp-upstreams/client-roots.ts'
import type { HallpassError } from '../../src/contract/errors.ts'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { McpUpstreamError } from '../../src/engine/mcp-upstreams/mcp-upstreams.ts'
import { Secret } from '../../src/engine/secrets/secret.ts'
import { startScriptedUpstream, tool } from '../bridge/support/scripted-upstream.ts'
import { eventually, fixture, openMcpRoom, quietClient, textOf, type McpRoom } from './support/mcp-room.ts'
import { repeats } from '../support/repeats.ts'

const folder = mkdtempSync(join(tmpdir(), 'hallpass-mcp-sessions-'))
let room: McpRoom
beforeEach(async () => {
  room = await openMcpRoom()
})
afterEach(() => room[Symbol.asyncDispose]())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('a name that is not an MCP server is rejected', () => {
  expect(() => room.mcp.openSession('nobody', quietClient())).toThrow('Connection "nobody" not found.')
  room.store.write.createConnection({
    name: 'doc',
    kind: 'sqlite',
    config: { path: '/x' },
    secret_location: null,
    secret_account: 'a',
    created_at: 0,
  })
  expect(() => room.mcp.catalog('doc')).toThrow('"doc" isn\'t an MCP server.')
})

it("an upstream's own error is passed on with its code and data", async () => {
  await room.add('up', fixture())
  const session = room.mcp.openSession('up', quietClient())
  await expect(session.request('tools/call', { name: 'nothing' })).rejects.toMatchObject({
    name: 'McpUpstreamError',
    code: -32602,
    message: 'no tool nothing',
    data: { name: 'nothing' },
  })
  await expect(session.request('no/such/method')).rejects.toMatchObject({ code: -32601 })
})

it("results are passed on unchanged, including unknown fields, and opening returns the upstream's description of itself", async () => {
  await room.add('up', fixture())
  const session = room.mcp.openSession('up', quietClient())
  const facts = await session.opened()
  expect(facts).toMatchObject({ era: 'legacy', protocolVersion: '2025-11-25', serverInfo: { name: 'fixture' } })
  expect(
    await session.request('tools/call', { name: 'echo', arguments: { deep: { ['__proto__x']: [1, null] } } }),
  ).toEqual({ content: [{ type: 'text', text: '{"deep":{"__proto__x":[1,null]}}' }] })
})

/** Of 100 calls at once, for each of two clients. */
const BATCHES = repeats(10, 50)

it(`two clients of one upstream have a process each, and none of ${200 * BATCHES} parallel calls gets the other's result`, async () => {
  await room.add('up', fixture())
  const sessions = ['a', 'b'].map((tag) => ({ tag, session: room.mcp.openSession('up', quietClient()) }))
  const pids = await Promise.all(
    sessions.map(async ({ session }) => textOf(await session.request('tools/call', { name: 'pid' }))),
  )
  expect(new Set(pids).size).toBe(2)
  const wrong: string[] = []
  await Promise.all(
    sessions.map(async ({ tag, session }) => {
      for (let batch = 0; batch < BATCHES; batch += 1) {
        await Promise.all(
          Array.from({ length: 100 }, async (_, i) => {
            const sent = { tag, call: batch * 100 + i }
            const back = textOf(await session.request('tools/call', { name: 'echo', arguments: sent }))
            if (back !== JSON.stringify(sent)) wrong.push(back)
          }),
        )
      }
    }),
  )
  expect(wrong).toEqual([])
})

it('a subscription and a log level reach the upstream once, and again only after it was restarted', async () => {
  await room.add('up', fixture())
  const session = room.mcp.openSession('up', quietClient())
  await session.request('resources/subscribe', { uri: 'file:///a' })
  await session.request('logging/setLevel', { level: 'info' })
  expect(JSON.parse(textOf(await session.request('tools/call', { name: 'lasting' })))).toEqual([
    'resources/subscribe',
    'logging/setLevel',
  ])
  await expect(session.request('tools/call', { name: 'crash' })).rejects.toThrow()
  expect(JSON.parse(textOf(await session.request('tools/call', { name: 'lasting' })))).toEqual([
    'resources/subscribe',
    'logging/setLevel',
  ])
})

it("progress reaches the request it belongs to, with that request's progress token", async () => {
  await room.add('up', fixture())
  const session = room.mcp.openSession('up', quietClient())
  const seen: unknown[][] = [[], []]
  await Promise.all(
    [0, 1].map((which) =>
      session.request(
        'tools/call',
        { name: 'slow', _meta: { progressToken: 'the same' } },
        { onProgress: (progress) => seen[which]?.push(progress['progress']) },
      ),
    ),
  )
  expect(seen).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ])
})

it('no progress is requested if nobody receives it, whatever token the client sent', async () => {
  await room.add('up', fixture())
  const client = quietClient()
  await room.mcp.openSession('up', client).request('tools/call', { name: 'slow', _meta: { progressToken: 7 } })
  expect(client.told.map((one) => one.method)).toEqual(['notifications/message'])
})

it('a notification during the only running call is passed on with that call', async () => {
  await room.add('up', fixture())
  const during: unknown[] = []
  const session = room.mcp.openSession(
    'up',
    quietClient({ notify: (_method, _params, call) => void during.push(call) }),
  )
  await session.request('tools/call', { name: 'slow' }, { handle: 'mine' })
  expect(during).toEqual(['mine'])
})

it('an abort reaches the upstream, and rejects immediately', async () => {
  const file = join(folder, 'cancelled')
  await room.add('up', fixture('plain', file))
  const session = room.mcp.openSession('up', quietClient())
  const abort = new AbortController()
  const underWay = Promise.withResolvers<void>()
  const call = session.request(
    'tools/call',
    { name: 'slow', arguments: { forever: true } },
    { signal: abort.signal, onProgress: () => underWay.resolve() },
  )
  await underWay.promise
  abort.abort(new Error('the client left'))
  await expect(call).rejects.toThrow('the client left')
  await eventually(() => readFileSync(file, { encoding: 'utf8', flag: 'a+' }) === 'cancelled\n')
})

it('a call without a message times out, and progress restarts the timeout', async () => {
  await room.add('up', fixture())
  const session = room.mcp.openSession('up', quietClient())
  await session.opened()
  await expect(
    session.request('tools/call', { name: 'slow', arguments: { forever: true } }, { timeoutMs: 200 }),
  ).rejects.toMatchObject({
    code: 'UPSTREAM_TIMEOUT',
    message: expect.stringContaining("didn't respond to tools/call"),
  })
})

describe('requests of the upstream to the client', () => {
  it.each(['sampling/createMessage', 'elicitation/create'])(
    '%s gets a response from the one client of the session',
    async (method) => {
      await room.add('up', fixture())
      const session = room.mcp.openSession(
        'up',
        quietClient({
          capabilities: { sampling: {}, elicitation: {}, roots: {} },
          request: (asked, params, { during }) => Promise.resolve({ asked, params, during, unknown: [1] }),
        }),
      )
      const other = room.mcp.openSession('up', quietClient())
      await other.opened()
      const reply = JSON.parse(
        textOf(
          await session.request(
            'tools/call',
            { name: 'ask', arguments: { method, params: { q: 1 } } },
            { handle: 'this call' },
          ),
        ),
      ) as { result: object }
      expect(reply.result).toEqual({ asked: method, params: { q: 1 }, during: 'this call', unknown: [1] })
    },
  )

  it('a stdio server gets no roots, whatever the client offers', async () => {
    await room.add('up', fixture())
    const requested: string[] = []
    const session = room.mcp.openSession(
      'up',
      quietClient({
        capabilities: { sampling: {}, roots: { listChanged: true } },
        request: (method) => (requested.push(method), Promise.resolve({ roots: [{ uri: 'file:///' }] })),
      }),
    )
    const reply = JSON.parse(
      textOf(await session.request('tools/call', { name: 'ask', arguments: { method: 'roots/list' } })),
    ) as { error: { code: number } }
    expect(reply.error.code).toBe(-32601)
    expect(requested).toEqual([])
  })

  it('a stdio server gets no roots among the inputs of a client, requested or not', () => {
    const params = {
      name: 'echo',
      arguments: {},
      inputResponses: { folders: { roots: [{ uri: 'file:///' }] }, name: { action: 'accept', content: {} } },
    }
    const { params: sent } = sentWithoutRoots(params, { capabilities: { roots: {}, sampling: {} } })
    expect(sent).toEqual({ ...params, inputResponses: { name: { action: 'accept', content: {} } } })
    expect(() => requireNoRoots({ inputRequests: { a: { method: 'roots/list' } } })).toThrow(McpUpstreamError)
    expect(requireNoRoots({ inputRequests: { a: { method: 'sampling/createMessage' } } })).toBeUndefined()
  })

  it('an error of the client reaches the upstream with its code', async () => {
    await room.add('up', fixture())
    const session = room.mcp.openSession(
      'up',
      quietClient({ request: () => Promise.reject(new McpUpstreamError(-1, 'User rejected', { a: 1 })) }),
    )
    const reply = JSON.parse(
      textOf(await session.request('tools/call', { name: 'ask', arguments: { method: 'elicitation/create' } })),
    ) as { error: object }
    expect(reply.error).toEqual({ code: -1, message: 'User rejected', data: { a: 1 } })
  })

  it('an internal failure reveals nothing of its cause to the upstream', async () => {
    await room.add('up', fixture())
    const session = room.mcp.openSession(
      'up',
      quietClient({ request: () => Promise.reject(new Error('/home/me/secret')) }),
    )
    const reply = textOf(
      await session.request('tools/call', { name: 'ask', arguments: { method: 'elicitation/create' } }),
    )
    expect(JSON.parse(reply)).toMatchObject({ error: { code: -32603 } })
    expect(reply).not.toContain('secret')
  })
})

it('a closed session rejects requests and interrupts running ones', async () => {
  await room.add('up', fixture())
  const session = room.mcp.openSession('up', quietClient())
  const running = session.request('tools/call', { name: 'slow', arguments: { forever: true } })
  const failed = expect(running).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' })
  await session.opened()
  await session.close()
  await failed
  await expect(session.request('tools/call', { name: 'echo' })).rejects.toThrow('was closed')
  expect(room.mcp.diagnostics('up').sessions).toBe(0)
})

it('a session continues after its secret was replaced, and ends when its connection is deleted', async () => {
  await room.add('up', fixture('plain', '', { env: { API_KEY: 'keychain' } }), 'first-secret')
  const session = room.mcp.openSession('up', quietClient())
  const digest = async (): Promise<string> =>
    (JSON.parse(textOf(await session.request('tools/call', { name: 'digests' }))) as Record<string, string>)[
      'API_KEY'
    ] ?? ''
  const first = await digest()
  const { id, secret_account } = room.store.read.connection('up') ?? { id: 0, secret_account: '' }
  await room.secrets.keep(secret_account, new Secret('second-secret'))
  await room.mcp.forget(id)
  expect(await digest()).not.toBe(first)
  room.store.write.deleteConnection(id)
  await room.mcp.forget(id)
  await expect(digest()).rejects.toThrow('Connection "up" not found.')
})

it('calls update health: an upstream that crashes is down, and up again when it answers', async () => {
  await room.add('up', fixture())
  const session = room.mcp.openSession('up', quietClient())
  await session.request('tools/call', { name: 'echo' })
  expect(room.health).toEqual([])
  await session.request('tools/call', { name: 'crash' }).catch(() => undefined)
  expect(room.health.at(-1)?.problem).toMatch(/exited with code 3/)
  await expect(session.request('tools/call', { name: 'nothing' })).rejects.toMatchObject({ code: -32602 })
  expect(room.health.at(-1)?.problem).toBeNull()
})

it('no session opens while Hallpass stops', async () => {
  await room.add('up', fixture())
  await room.mcp.close()
  expect(() => room.mcp.openSession('up', quietClient())).toThrow('Hallpass is shutting down.')
})

it('idle sessions are closed for new ones, and reopen with their next request', async () => {
  let release = (): void => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const upstream = await startScriptedUpstream({
    tools: [tool('works'), tool('waits')],
    call: async ({ name }) => {
      if (name === 'waits') await held
      return { content: [{ type: 'text', text: 'done' }] }
    },
  })
  try {
    await room.add('up', { kind: 'mcp', url: upstream.url })
    const calls = (name: string) => room.mcp.openSession('up', quietClient()).request('tools/call', { name })
    const working = calls('waits')
    const first = room.mcp.openSession('up', quietClient())
    await first.request('tools/call', { name: 'works' })
    const crowd = await Promise.allSettled(Array.from({ length: 127 }, () => calls('works')))
    expect(
      crowd.flatMap((one) => (one.status === 'rejected' ? [(one.reason as HallpassError).code] : [])).join(),
    ).toContain('RATE_LIMITED')
    room.clock.advance(2500)
    expect(textOf(await calls('works'))).toBe('done')
    expect(textOf(await first.request('tools/call', { name: 'works' }))).toBe('done')
    expect(room.mcp.diagnostics('up').sessions).toBeLessThanOrEqual(128)
    release()
    expect(textOf(await working)).toBe('done')
  } finally {
    release()
    await upstream.close()
  }
})

it('one token can’t use all sessions, and reaching its limit doesn’t mark the upstream as down', async () => {
  let release = (): void => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const upstream = await startScriptedUpstream({
    tools: [tool('works'), tool('waits')],
    call: async ({ name }) => {
      if (name === 'waits') await held
      return { content: [{ type: 'text', text: 'done' }] }
    },
  })
  try {
    await room.add('up', { kind: 'mcp', url: upstream.url })
    const call = (owner: string, name: string) =>
      room.mcp.openSession('up', { ...quietClient(), owner }).request('tools/call', { name })
    const waiting = Array.from({ length: 64 }, () => call('greedy', 'waits'))
    await expect.poll(() => room.mcp.diagnostics('up').sessions).toBeGreaterThanOrEqual(64)
    // The token's share doesn't depend on the names of its clients.
    const refused = await Promise.allSettled(Array.from({ length: 8 }, () => call('greedy', 'works')))
    expect(refused.map((one) => (one.status === 'rejected' ? (one.reason as HallpassError).code : ''))).toEqual(
      Array(8).fill('RATE_LIMITED'),
    )
    expect(textOf(await call('quiet', 'works'))).toBe('done')
    expect(room.mcp.catalog('up').problem).toBeNull()
    release()
    for (const one of waiting) expect(textOf(await one)).toBe('done')
  } finally {
    release()
    await upstream.close()
  }
})
