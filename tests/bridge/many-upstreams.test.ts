import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { modernCaller } from './support/mcp-caller.ts'
import { startScriptedUpstream, tool, type ScriptedUpstream } from './support/scripted-upstream.ts'
import { errorOf, openSession } from './support/start-bridge-rig.ts'
import { repeats } from '../support/repeats.ts'

/** Of 100 calls at once. */
const BATCHES = repeats(3, 10)
const CRASHING = join(import.meta.dirname, 'support/crashing-upstream.ts')

describe('many upstreams at once', { timeout: 120_000 }, () => {
  const open: { close(): Promise<void> }[] = []
  afterEach(async () => {
    for (const one of open.splice(0).toReversed()) await one.close()
  })

  async function start(): Promise<TestEngine> {
    const engine = await startTestEngine({ sample: false })
    open.push({ close: () => engine[Symbol.asyncDispose]() })
    await engine.owner.projects.create({ name: 'p' })
    return engine
  }
  async function scripted(script: Parameters<typeof startScriptedUpstream>[0]): Promise<ScriptedUpstream> {
    const upstream = await startScriptedUpstream(script)
    open.push(upstream)
    return upstream
  }
  async function tokenFor(engine: TestEngine, name = 't'): Promise<string> {
    return (
      (await engine.owner.tokens.create({ project: 'p', name, kind: 'access', clone: true, rate: 'none' })).secret ?? ''
    )
  }
  const include = (engine: TestEngine, name: string, url: string) =>
    engine.owner.connections.create({ name, project: 'p', config: { kind: 'mcp', url } })

  test(`two clients of one upstream each get the results of their own ${100 * BATCHES} tagged calls, over separate sessions`, async () => {
    const engine = await start()
    const upstream = await scripted({
      tools: [tool('tag')],
      async call(params, session) {
        if (Math.random() < 0.05) await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
        return { content: [{ type: 'text', text: `${params['arguments'].tag} over ${session}` }] }
      },
    })
    await include(engine, 'up', upstream.url)
    const url = `${engine.url}/projects/p/mcp`
    const token = await tokenFor(engine)
    const before = upstream.sessions
    const sessions = new Map<string, Set<string>>()
    const one = await openSession(url, token)
    const two = modernCaller(url, await tokenFor(engine, 'second'))
    const calls: Record<string, (tag: string) => Promise<any>> = {
      one: (tag) => one.tool('up__tag', { tag }),
      two: (tag) => two.send('tools/call', { name: 'up__tag', arguments: { tag } }),
    }
    /** Returns what calls got that didn't get their own answer. */
    async function run(client: string): Promise<string[]> {
      const wrong: string[] = []
      for (let batch = 0; batch < BATCHES; batch += 1) {
        await Promise.all(
          Array.from({ length: 100 }, async (_, index) => {
            const tag = `${client}-${batch}-${index}`
            const answer = await calls[client]?.(tag)
            const text = String(answer?.result?.content?.[0]?.text)
            const [back, session = ''] = text.split(' over ')
            if (back !== tag) wrong.push(`${tag}: ${JSON.stringify(answer)}`)
            sessions.set(client, (sessions.get(client) ?? new Set()).add(session))
          }),
        )
      }
      return wrong
    }
    expect(await Promise.all([run('one'), run('two')])).toEqual([[], []])
    expect(sessions.get('one')?.size).toBe(1)
    expect([...(sessions.get('two') ?? [])].filter((session) => sessions.get('one')?.has(session))).toEqual([])
    expect(upstream.sessions - before).toBeLessThan(12)
  })

  test('an upstream that hangs, keeps crashing or lists 5 MB does not delay the others', async () => {
    const engine = await start()
    let hangs = false
    const fine = await scripted({ tools: [tool('fine')] })
    const hanging = await scripted({
      tools: [tool('slow')],
      beforeList: () => (hangs ? new Promise(() => {}) : Promise.resolve()),
    })
    const huge = await scripted({
      tools: Array.from({ length: 500 }, (_, index) => tool(`big${index}`, { description: 'x'.repeat(10_000) })),
    })
    await include(engine, 'fine', fine.url)
    await include(engine, 'hanging', hanging.url)
    await include(engine, 'huge', huge.url)
    await engine.owner.connections.create({
      name: 'crashing',
      project: 'p',
      config: { kind: 'mcp', command: process.execPath, args: [CRASHING, join(engine.home, 'started-once')] },
    })
    hangs = true
    const token = await tokenFor(engine)
    const narrow =
      (
        await engine.owner.tokens.create({
          project: 'p',
          name: 'narrow',
          kind: 'access',
          grants: [
            { connection: 'fine', permissions: ['write'] },
            { connection: 'hanging', permissions: ['write'] },
          ],
        })
      ).secret ?? ''
    for (const secret of [token, narrow]) {
      const session = await openSession(`${engine.url}/projects/p/mcp`, secret)
      await session.send('tools/list')
      const { body } = await session.send('tools/list')
      expect(body?.['result'].tools.map((one: any) => one.name)).toEqual(
        expect.arrayContaining(['fine__fine', 'hanging__slow']),
      )
      expect((await session.tool('fine__fine', { a: 1 }))?.['result'].content[0].text).toBe('{"a":1}')
    }
    const session = await openSession(`${engine.url}/projects/p/mcp`, token)
    const crashed = (await session.tool('crashing__gone'))?.['result']
    expect(errorOf(crashed)).toMatchObject({
      code: 'UPSTREAM_ERROR',
      error: expect.stringContaining('crashing'),
    })
    expect((await session.tool('fine__fine'))?.['result'].isError).not.toBe(true)
  })

  test('lists 500 tools of ten upstreams together, with names of at most 64 characters', async () => {
    const engine = await start()
    const properties = Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [
        `field_${index}`,
        { type: 'string', description: 'What it is good for' },
      ]),
    )
    for (let number = 0; number < 10; number += 1) {
      const tools = Array.from({ length: 50 }, (_, index) =>
        tool(
          `do_something_with_a_name_of_a_certain_length_${index}${index % 10 === 0 ? '_and_some_more_words_at_its_end' : ''}`,
          { inputSchema: { type: 'object', properties } },
        ),
      )
      const upstream = await scripted({ tools })
      await include(engine, `upstream-${number}`, upstream.url)
    }
    const session = await openSession(`${engine.url}/projects/p/mcp`, await tokenFor(engine))
    await session.send('tools/list')
    const { body } = await session.send('tools/list')
    const names: string[] = body?.['result'].tools.map((one: any) => one.name)
    expect(names.filter((name) => name.startsWith('upstream-'))).toHaveLength(500)
    expect(new Set(names).size).toBe(names.length)
    expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(64)
    const long = names.find((name) => name.startsWith('upstream-3__') && /_[0-9a-f]{8}$/.test(name)) ?? ''
    expect((await session.tool(long, { ok: true }))?.['result'].content[0].text).toBe('{"ok":true}')
  })

  test('a tool name stays with its upstream, even if another upstream could form the same name', async () => {
    const engine = await start()
    const first = await scripted({
      tools: [tool('b__c')],
      call: () => ({ content: [{ type: 'text', text: 'first' }] }),
    })
    const second = await scripted({
      tools: [tool('list_documents'), tool('c'), tool('c ')],
      call: () => ({ content: [{ type: 'text', text: 'second' }] }),
    })
    await include(engine, 'a', first.url)
    await include(engine, 'a-b', second.url)
    const session = await openSession(`${engine.url}/projects/p/mcp`, await tokenFor(engine))
    const names = (await session.send('tools/list')).body?.['result'].tools.map((one: any) => one.name) as string[]
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining(['a__b__c', 'a-b__list_documents', 'list_documents', 'a-b__c']))
    expect((await session.tool('a__b__c'))?.['result'].content[0].text).toBe('first')
    expect((await session.tool('a-b__list_documents'))?.['result'].content[0].text).toBe('second')
    expect((await session.tool('list_documents'))?.['result'].structuredContent).toEqual({ documents: [] })
  })
})
