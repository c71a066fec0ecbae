import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Grant } from '../../src/contract/grants.ts'
import { startFixture, type Fixture } from '../conformance/fixture/start-fixture.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { modernCaller } from './support/mcp-caller.ts'
import { errorOf, openSession } from './support/start-bridge-rig.ts'

describe('access of a token to an MCP upstream', { timeout: 60_000 }, () => {
  let engine: TestEngine
  let fixture: Fixture
  let tokens = 0

  beforeAll(async () => {
    engine = await startTestEngine({ sample: false })
    fixture = await startFixture({ eras: 'legacy' })
    await engine.owner.projects.create({ name: 'p' })
    for (const name of ['things', 'other'])
      await engine.owner.connections.create({ name, project: 'p', config: { kind: 'mcp', url: fixture.url } })
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await fixture?.close()
  })

  const url = (): string => `${engine.url}/projects/p/mcp`
  async function as(grants: Grant[]) {
    tokens += 1
    const { secret } = await engine.owner.tokens.create({ project: 'p', name: `t${tokens}`, kind: 'access', grants })
    return { token: secret ?? '', session: await openSession(url(), secret ?? '') }
  }
  const names = (body: any, list: string): string[] =>
    body.result[list].map((one: any) => one.uri ?? one.uriTemplate ?? one.name)
  const refusalOf = (body: any) => errorOf(body.result)

  test('without a grant, lists, calls, reads, prompts and completes nothing, as if the connection did not exist', async () => {
    const { session } = await as([{ connection: 'things', permissions: ['read', 'write'] }])
    for (const [method, list] of [
      ['tools/list', 'tools'],
      ['resources/list', 'resources'],
      ['resources/templates/list', 'resourceTemplates'],
      ['prompts/list', 'prompts'],
    ] as const) {
      const { body } = await session.send(method)
      expect(names(body, list).filter((name) => name.includes('other'))).toEqual([])
      expect(names(body, list).filter((name) => name.includes('things')).length).toBeGreaterThan(0)
    }
    const there = refusalOf(await session.tool('other__test_simple_text'))
    const nowhere = refusalOf(await session.tool('nowhere__test_simple_text'))
    expect(there).toMatchObject({ code: 'UNAUTHORIZED', error: expect.stringMatching(/^Document not in scope/) })
    expect(nowhere.error.replace('nowhere', 'other')).toBe(there.error)
    for (const [method, params] of [
      ['resources/read', { uri: 'hallpass+other+test://static-text' }],
      ['resources/subscribe', { uri: 'hallpass+other+test://static-text' }],
      [
        'completion/complete',
        {
          ref: { type: 'ref/resource', uri: 'hallpass+other+test://template/{id}/data' },
          argument: { name: 'id', value: 'a' },
        },
      ],
    ] as const) {
      const refused = (await session.send(method, params)).body?.['error']
      const absent = (await session.send(method, JSON.parse(JSON.stringify(params).replace('+other+', '+nowhere+'))))
        .body?.['error']
      expect(refused).toMatchObject({ data: { code: 'UNAUTHORIZED' } })
      expect(absent.message.replace('nowhere', 'other')).toBe(refused.message)
    }
    const prompt = (await session.send('prompts/get', { name: 'other__test_simple_prompt' })).body?.['error']
    const noPrompt = (await session.send('prompts/get', { name: 'nowhere__test_simple_prompt' })).body?.['error']
    expect(noPrompt.message.replace('nowhere', 'other')).toBe(prompt.message)
  })

  test('with read only, covers tools that declare themselves read-only, unless the owner decided otherwise', async () => {
    const { session } = await as([{ connection: 'things', permissions: ['read'] }])
    expect(
      names((await session.send('tools/list')).body, 'tools').filter((name) => name.startsWith('things__')),
    ).toEqual(['things__test_simple_text'])
    expect(refusalOf(await session.tool('things__test_image_content'))).toMatchObject({
      code: 'UNAUTHORIZED',
      error: expect.stringContaining("doesn't have the write permission"),
    })
    await engine.owner.connections.setToolPermission({ name: 'things', tool: 'test_image_content', permission: 'read' })
    expect((await session.tool('things__test_image_content'))?.['result'].content[0].type).toBe('image')
    expect(names((await session.send('tools/list')).body, 'tools')).toContain('things__test_image_content')
    await engine.owner.connections.setToolPermission({ name: 'things', tool: 'test_image_content', permission: null })
    expect(refusalOf(await session.tool('things__test_image_content'))).toMatchObject({ code: 'UNAUTHORIZED' })
  })

  test('limited to tools, covers those, and no other tools, resources, prompts or completions', async () => {
    const { session } = await as([
      { connection: 'things', permissions: ['read', 'write'], tools: ['test_simple_*', 'test_error_handling'] },
    ])
    const listed = names((await session.send('tools/list')).body, 'tools').filter((name) => name.startsWith('things__'))
    expect(listed.toSorted()).toEqual(['things__test_error_handling', 'things__test_simple_text'])
    expect((await session.tool('things__test_simple_text'))?.['result'].content[0].text).toContain('simple')
    const hidden = refusalOf(await session.tool('things__test_sampling'))
    const absent = refusalOf(await session.tool('things__test_samplign'))
    expect(hidden).toMatchObject({ code: 'UNAUTHORIZED' })
    expect(absent.error.replace('samplign', 'sampling')).toBe(hidden.error)
    for (const list of ['resources', 'prompts'] as const)
      expect(names((await session.send(`${list}/list`)).body, list)).toEqual([])
    expect(
      (await session.send('resources/read', { uri: 'hallpass+things+test://static-text' })).body?.['error'].message,
    ).toContain('limited')
    expect((await session.send('resources/read', { uri: 'test://static-text' })).body?.['error'].message).toContain(
      'not found',
    )
    expect(
      (await session.send('prompts/get', { name: 'things__test_simple_prompt' })).body?.['error'].message,
    ).toContain('Unknown prompt')
    expect(
      (
        await session.send('completion/complete', {
          ref: { type: 'ref/prompt', name: 'things__test_simple_prompt' },
          argument: { name: 'a', value: 'a' },
        })
      ).body?.['error'].message,
    ).toContain('Unknown prompt')
  })

  test('excludes a tool added after the owner accepted the others, until it is accepted', async () => {
    const { session } = await as([{ connection: 'things', permissions: ['read', 'write'] }])
    await session.tool('things__test_trigger_tool_change')
    await engine.owner.connections.test({ name: 'things' })
    expect(names((await session.send('tools/list')).body, 'tools')).not.toContain('things__test_transient')
    expect(refusalOf(await session.tool('things__test_transient'))).toMatchObject({
      code: 'UNAUTHORIZED',
      error: expect.stringContaining('accept'),
    })
    await engine.owner.connections.acceptTools({ name: 'things', tools: ['test_transient'] })
    expect((await session.tool('things__test_transient'))?.['result'].content[0].text).toContain('simple')
    await session.tool('things__test_trigger_tool_change')
  })

  test('rejects a request state that was altered, used before, or belongs to another token or request', async () => {
    const one = await as([{ connection: 'things', permissions: ['read', 'write'] }])
    const two = await as([{ connection: 'things', permissions: ['read', 'write'] }])
    const caller = modernCaller(url(), one.token)
    const name = 'things__test_elicitation'
    const ask = async () => (await caller.send('tools/call', { name, arguments: { message: 'Well?' } }))['result']
    const answered = (asked: any) => ({
      [Object.keys(asked.inputRequests)[0] ?? '']: { action: 'accept', content: { response: 'yes' } },
    })
    const again = (asked: any, requestState: string, by = caller, named = name) =>
      by.send('tools/call', {
        name: named,
        arguments: { message: 'Well?' },
        inputResponses: answered(asked),
        requestState,
      })

    const asked = await ask()
    expect(asked.resultType).toBe('input_required')
    expect(asked).not.toHaveProperty('done')
    const altered = `${asked.requestState.slice(0, -4)}AAAA`
    expect((await again(asked, altered))['error']).toMatchObject({
      code: -32602,
      data: { reason: 'invalid_request_state' },
    })
    expect((await again(asked, asked.requestState, modernCaller(url(), two.token)))['error']).toMatchObject({
      code: -32602,
    })
    expect((await again(asked, asked.requestState, caller, 'things__test_simple_text'))['error']).toMatchObject({
      code: -32602,
    })

    const fresh = await ask()
    expect((await again(fresh, fresh.requestState))['result'].content[0].text).toContain('action=accept')
    expect((await again(fresh, fresh.requestState))['error']).toMatchObject({ code: -32602 })
    expect((await caller.send('tools/call', { name: 'things__test_simple_text' }))['result'].content[0].text).toContain(
      'simple',
    )
  })

  test('ends with a revoke, which interrupts running calls and those that wait for the client', async () => {
    const { token, session } = await as([{ connection: 'things', permissions: ['read', 'write'] }])
    const caller = modernCaller(url(), token)
    const asked = (
      await caller.send('tools/call', { name: 'things__test_elicitation', arguments: { message: 'Well?' } })
    )['result']
    expect(asked.resultType).toBe('input_required')
    fixture.world.tools.set('test_simple_text', {
      ...fixture.world.tools.get('test_simple_text')!,
      run: () => new Promise(() => undefined),
    })
    const running = session.tool('things__test_simple_text')
    await expect
      .poll(async () => (await engine.owner.requests.list({ project: 'p' })).some((row) => row.status === null))
      .toBe(true)
    const name =
      (await engine.owner.tokens.list({ project: 'p' })).find((one) => token.startsWith(one.prefix ?? '-'))?.name ?? ''
    const { requests_cut: cut } = await engine.owner.tokens.revoke({ project: 'p', name })
    expect(cut).toBe(2)
    expect(refusalOf(await running)).toMatchObject({ code: 'TOKEN_EXPIRED' })
  })
})
