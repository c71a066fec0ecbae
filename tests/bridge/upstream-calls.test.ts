import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { modernCaller } from './support/mcp-caller.ts'
import { startScriptedUpstream, tool, type ScriptedUpstream } from './support/scripted-upstream.ts'
import { errorOf, openSession } from './support/start-bridge-rig.ts'

describe('a call of an upstream tool', { timeout: 60_000 }, () => {
  let engine: TestEngine
  let upstream: ScriptedUpstream
  let token: string
  let url: string
  let release = (): void => {}
  let waiting = 0

  beforeAll(async () => {
    engine = await startTestEngine({ sample: false })
    upstream = await startScriptedUpstream({
      tools: [
        tool('waits'),
        tool('reads', { annotations: { readOnlyHint: true } }),
        tool('structured', { outputSchema: { type: 'object', properties: { n: { type: 'number' } } } }),
        tool('as_task', { execution: { taskSupport: 'required' } }),
        tool('fails'),
        tool('odd'),
      ],
      async call({ name, arguments: args, _meta: meta }) {
        if (name === 'waits' || name === 'reads') {
          waiting += 1
          await new Promise<void>((resolve) => {
            release = () => {
              waiting = 0
              resolve()
            }
          })
        }
        if (name === 'structured')
          return {
            content: [{ type: 'text', text: '{"n":1}' }],
            structuredContent: { n: 1 },
            _meta: { 'example.com/kept': args, trace: meta },
          }
        if (name === 'fails') throw new Error('nothing like that')
        return { content: [{ type: 'text', text: 'done' }] }
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
  /** The call that was just made has reached the upstream, and no other is there. */
  const started = () => expect.poll(() => waiting).toBe(1)
  const rows = async () => engine.owner.requests.list({ project: 'p', connection: 'up' })

  test('is canceled upstream if the client cancels it or disconnects, in both eras', async () => {
    const session = await openSession(url, token)
    const running = session.send('tools/call', { name: 'up__waits' })
    await started()
    await session.notify('notifications/cancelled', { requestId: 1, reason: 'enough' })
    await running
    await expect.poll(() => upstream.cancelled).toBe(1)
    release()

    const gone = new AbortController()
    const call = modernCaller(url, token).open('tools/call', { name: 'up__waits' }, gone.signal)
    await started()
    gone.abort()
    await expect(call).rejects.toThrow()
    await expect.poll(() => upstream.cancelled).toBe(2)
    release()
    await expect.poll(async () => (await rows()).filter((row) => row.code === 'CLIENT_GONE').length).toBe(2)
  })

  test('reaches the right connection if two have long names with the same beginning', async () => {
    const names = ['x', 'y'].map(
      (end) => `${'property-management-of-the-northern-region-'.repeat(2).slice(0, 62)}${end}`,
    )
    for (const name of names)
      await engine.owner.connections.create({ name, project: 'p', config: { kind: 'mcp', url: upstream.url } })
    const { secret } = await engine.owner.tokens.create({
      project: 'p',
      name: 'second',
      kind: 'access',
      grants: [{ connection: names[1] ?? '', permissions: ['read', 'write'] }],
    })
    const session = await openSession(url, secret ?? '')
    const listed = ((await session.send('tools/list')).body as any).result.tools.map((one: any) => one.name) as string[]
    const structured = listed.find((name) => name.endsWith('__structured')) ?? ''
    expect((await session.tool(structured))?.['result']).toMatchObject({ structuredContent: { n: 1 } })
    const called = (await engine.owner.requests.list({ project: 'p' })).filter((row) => row.method === structured)
    expect(called).toMatchObject([{ connection: names[1], status: 200 }])
    for (const name of names) await engine.owner.connections.exclude({ name, project: 'p' })
  })

  test('has a row before it reaches the upstream, which is closed with the result', async () => {
    const session = await openSession(url, token)
    const running = session.send('tools/call', { name: 'up__waits' })
    await started()
    const [open] = await rows()
    expect(open).toMatchObject({
      method: 'up__waits',
      connection: 'up',
      transport: 'mcp-http',
      token: 't',
      status: null,
      client: 'raw/1.0',
    })
    release()
    await running
    await expect.poll(async () => (await rows())[0]).toMatchObject({ status: 200, bytes_out: expect.any(Number) })
    const failed = (await session.send('tools/call', { name: 'up__fails' })).body
    expect(failed?.['error']).toMatchObject({ code: -32601, message: 'nothing like that' })
    await expect
      .poll(async () => (await rows())[0])
      .toMatchObject({ method: 'up__fails', status: 400, code: 'INVALID_REQUEST' })
  })

  test('keeps structured content and the other fields of its result, and passes metadata of others on', async () => {
    const session = await openSession(url, token)
    const { result } = (
      await session.send('tools/call', {
        name: 'up__structured',
        arguments: { a: [1, null, 'x'] },
        _meta: { progressToken: 'mine', traceparent: '00-1' },
      })
    ).body as any
    expect(result).toMatchObject({
      structuredContent: { n: 1 },
      _meta: { 'example.com/kept': { a: [1, null, 'x'] }, trace: { traceparent: '00-1' } },
    })
    expect(result._meta.trace.progressToken).not.toBe('mine')
    const listed = (await session.send('tools/list')).body?.['result'].tools
    expect(listed.find((one: any) => one.name === 'up__structured')).toMatchObject({ outputSchema: { type: 'object' } })
    expect(listed.some((one: any) => one.name === 'up__as_task')).toBe(false)
  })

  test('is interrupted by a pause, with a warning if it may have changed something', async () => {
    const session = await openSession(url, token)
    const reading = session.tool('up__reads')
    await started()
    await engine.owner.pause()
    release()
    expect(errorOf((await reading)?.['result'])).toMatchObject({ code: 'PAUSED' })
    await engine.owner.resume()
    const writing = session.tool('up__waits')
    await started()
    await engine.owner.pause()
    const refusal = errorOf((await writing)?.['result'])
    release()
    expect(refusal).toMatchObject({ code: 'PAUSED', error: expect.stringContaining('may have succeeded') })
    await engine.owner.resume()
  })

  test('is interrupted when its connection is removed from the project', async () => {
    const session = await openSession(url, token)
    const running = session.tool('up__waits')
    await started()
    const { requests_cut: cut } = await engine.owner.connections.exclude({ name: 'up', project: 'p' })
    expect(cut).toBe(1)
    expect(errorOf((await running)?.['result'])).toMatchObject({ code: 'UNAUTHORIZED' })
    release()
  })
})
