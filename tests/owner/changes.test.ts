import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHANGE_TOPICS, type ChangeTopic } from '../../src/contract/owner-api.ts'
import { connectControl } from '../../src/control/control-client.ts'
import { startControlServer } from '../../src/control/control-server.ts'
import { createChanges } from '../../src/engine/changes.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

describe('changes', () => {
  it('end with their signal, before and after they began', async () => {
    const changes = createChanges(systemClock)
    expect(await changes.follow(AbortSignal.abort()).next()).toEqual({ done: true, value: undefined })
    const cancel = new AbortController()
    const events = changes.follow(cancel.signal)
    await events.next()
    const waiting = events.next()
    cancel.abort()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('end immediately when their reader leaves while it waits', async () => {
    const events = createChanges(systemClock).follow(new AbortController().signal)
    await events.next()
    const waiting = events.next()
    expect(await events.return?.()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('end when the engine stops', async () => {
    const changes = createChanges(systemClock)
    const events = changes.follow(new AbortController().signal)
    changes.close()
    expect((await events.next()).value).toEqual({ topics: [...CHANGE_TOPICS] })
    expect((await events.next()).done).toBe(true)
    expect((await changes.follow(new AbortController().signal).next()).done).toBe(true)
  })

  it('in quick succession are one event, and a slow reader loses none', async () => {
    const changes = createChanges(systemClock)
    const [quick, slow] = [changes.follow(new AbortController().signal), changes.follow(new AbortController().signal)]
    expect((await quick.next()).value).toEqual({ topics: [...CHANGE_TOPICS] })
    for (let index = 0; index < 100; index += 1) changes.announce([index % 2 === 0 ? 'tokens' : 'health'])
    expect((await quick.next()).value).toEqual({ topics: ['health', 'tokens'] })
    changes.announce(['settings'])
    changes.announce(['sessions'], 60_000)
    expect((await quick.next()).value).toEqual({ topics: ['settings', 'sessions'] })
    expect((await slow.next()).value).toEqual({ topics: [...CHANGE_TOPICS] })
    const waiting = slow.next()
    changes.announce(['projects'])
    expect((await waiting).value).toEqual({ topics: ['projects'] })
    changes.close()
  })
})

describe('changes of an engine', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine()
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
  })

  /** Changes one topic alone, which no other action here changes. */
  const MARK = 'views'
  const mark = () => engine.owner.views.save({ name: 'mark', project: null, filter: {} })

  /** Returns the topics announced by the action. A later change marks the end, because the action's changes are announced by then. */
  async function after(act: () => unknown): Promise<ChangeTopic[]> {
    const told = new Set<ChangeTopic>()
    const events = await engine.owner.changes.follow()
    await events.next()
    await act()
    await mark()
    for await (const { topics } of events) {
      for (const topic of topics) told.add(topic)
      if (told.has(MARK)) break
    }
    told.delete(MARK)
    return [...told].sort()
  }

  /** Reads changes from the act on until all of these topics were told. */
  async function expectTold(act: () => unknown, expected: readonly ChangeTopic[]): Promise<void> {
    const events = await engine.owner.changes.follow()
    await events.next()
    await act()
    const due = new Set(expected)
    for await (const { topics } of events) {
      for (const topic of topics) due.delete(topic)
      if (due.size === 0) break
    }
    expect(due).toEqual(new Set())
  }

  it('include the owner’s actions', async () => {
    const { owner } = engine
    expect(await after(() => owner.projects.create({ name: 'fresh' }))).toEqual(['projects'])
    expect(await after(() => owner.connections.include({ name: 'sales', project: 'fresh' }))).toEqual([
      'connections',
      'projects',
    ])
    expect(await after(() => owner.settings.update({ theme: 'dark' }))).toEqual(['settings', 'state'])
    expect(await after(() => owner.pause())).toEqual(['state'])
    expect(await after(() => owner.resume())).toEqual(['state'])
    expect(
      await after(() => owner.tokens.create({ project: 'fresh', name: 'bot', kind: 'access', clone: true })),
    ).toEqual(['projects', 'tokens'])
    expect(
      await after(() => owner.sessions.mint({ project: 'fresh', document: 'sales', permissions: ['read'] })),
    ).toEqual(['sessions'])
    expect(await after(() => owner.connections.test({ name: 'sales' }))).toEqual(['health', 'state'])
    expect(await after(() => owner.tokens.revoke({ project: 'fresh', name: 'bot' }))).toEqual([
      'projects',
      'sessions',
      'tokens',
    ])
    expect(await after(() => owner.projects.delete({ name: 'fresh' }))).toEqual([
      'connections',
      'projects',
      'sessions',
      'tokens',
    ])
  })

  it('exclude reads and rejected actions', async () => {
    const { owner } = engine
    expect(
      await after(() =>
        Promise.all([
          owner.status(),
          owner.projects.list(),
          owner.tokens.list({}),
          owner.requests.list({}),
          owner.settings.get(),
        ]),
      ),
    ).toEqual([])
    expect(await after(() => owner.settings.update({ port: 0 }).catch(() => undefined))).toEqual([])
  })

  it("include callers' actions: session tokens created, ended and used over HTTP", async () => {
    const { secret } = await engine.owner.tokens.create({
      project: 'demo',
      name: 'caller',
      kind: 'access',
      clone: true,
    })
    let session = ''
    const call = (path: string, method: string, token: string, body?: unknown) =>
      fetch(engine.url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    await expectTold(async () => {
      const reply = await call('/api/v1/sessions', 'POST', secret ?? '', { document: 'sales', permissions: ['read'] })
      session = ((await reply.json()) as { token: string }).token
    }, ['sessions'])
    await expectTold(async () => {
      expect((await call('/api/v1/proxy', 'POST', session, { method: 'list_tables' })).status).toBe(200)
    }, ['sessions', 'tokens', 'connections'])
    await expectTold(() => call('/api/v1/sessions/current', 'DELETE', session), ['sessions'])
  })

  it('include a session token that expired', async () => {
    await engine.owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'], ttl: '1s' })
    await expectTold(() => undefined, ['sessions'])
  })

  it('arrive over the control socket, and end when their reader leaves', async () => {
    const server = await startControlServer({
      home: engine.home,
      router: engine.ownerRouter,
      serveStream: engine.serveStream,
    })
    const client = await connectControl({ home: engine.home })
    try {
      const cancel = new AbortController()
      const events = await client.api.changes.follow(undefined, { signal: cancel.signal })
      expect((await events.next()).value).toEqual({ topics: [...CHANGE_TOPICS] })
      await engine.owner.projects.create({ name: 'socket' })
      expect((await events.next()).value).toEqual({ topics: ['projects'] })
      const rows = await client.api.requests.follow({}, { signal: cancel.signal })
      const waiting = rows.next()
      cancel.abort()
      await waiting.catch(() => undefined)
    } finally {
      client.close()
      await server.close()
    }
  })
})
