import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../../support/start-test-engine.ts'
import { createTestClock, type TestClock } from '../../support/test-clock.ts'
import { startScriptedUpstream, tool, type ScriptedUpstream } from '../support/scripted-upstream.ts'
import { errorOf, openSession } from '../support/start-bridge-rig.ts'

const ROWS = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `row ${id}` }))
const LINES = Array.from({ length: 20_000 }, (_, line) => `line ${line}`).join('\n')

describe('results that are too long for a model', { timeout: 60_000 }, () => {
  let engine: TestEngine
  let upstream: ScriptedUpstream
  let clock: TestClock
  let url: string

  beforeAll(async () => {
    clock = createTestClock()
    engine = await startTestEngine({ sample: false, clock })
    upstream = await startScriptedUpstream({
      tools: [
        tool('rows', {
          annotations: { readOnlyHint: true },
          outputSchema: {
            type: 'object',
            properties: { rows: { type: 'array', items: { type: 'object', required: ['id', 'name'] } } },
            required: ['rows'],
          },
        }),
        tool('lines', { annotations: { readOnlyHint: true } }),
      ],
      call: ({ name }) =>
        name === 'rows'
          ? { content: [{ type: 'text', text: JSON.stringify({ rows: ROWS }) }], structuredContent: { rows: ROWS } }
          : { content: [{ type: 'text', text: LINES }] },
    })
    await engine.owner.projects.create({ name: 'p' })
    await engine.owner.connections.create({ name: 'up', project: 'p', config: { kind: 'mcp', url: upstream.url } })
    url = `${engine.url}/projects/p/mcp`
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await upstream?.close()
  })

  let tokens = 0
  async function secretOf(): Promise<string> {
    tokens += 1
    const { secret } = await engine.owner.tokens.create({
      project: 'p',
      name: `t${tokens}`,
      kind: 'access',
      grants: [{ connection: 'up', permissions: ['read'] }],
    })
    return secret ?? ''
  }
  /** A session of a client that shows a model what tools there are. */
  async function openModel(): ReturnType<typeof openSession> {
    const session = await openSession(url, await secretOf())
    await session.send('tools/list')
    return session
  }
  const idIn = (text: string): string => /read_answer with id "([\w-]+)"/.exec(text)?.[1] ?? ''
  const textOf = (body: Record<string, any> | null): string => body?.['result'].content.at(-1).text

  test("can't be read by another token", async () => {
    const one = await openModel()
    const other = await openModel()
    const id = idIn(textOf(await one.tool('up__lines')))
    expect(id).not.toBe('')
    expect(errorOf((await other.tool('read_answer', { id }))?.['result'])).toMatchObject({ field: 'id' })
    expect(textOf(await one.tool('read_answer', { id }))).toContain('line 0')
  })

  test('are read in parts, by items or characters, to the end', async () => {
    const session = await openModel()
    const id = idIn(textOf(await session.tool('up__rows')))
    const part = textOf(await session.tool('read_answer', { id, path: 'rows', offset: 19_998 }))
    expect(part).toBe(
      'Items 19,998–20,000 of 20,000.\n[{"id":19998,"name":"row 19998"},{"id":19999,"name":"row 19999"}]',
    )
    const seen: string[] = []
    const lines = idIn(textOf(await session.tool('up__lines')))
    for (let offset: number | null = 0; offset !== null;) {
      const [head = '', ...rest]: string[] = textOf(await session.tool('read_answer', { id: lines, offset })).split(
        '\n',
      )
      seen.push(rest.join('\n'))
      const next: string | undefined = /next part has offset (\d+)/.exec(head)?.[1]
      offset = next === undefined ? null : Number(next)
    }
    expect(seen.join('')).toBe(LINES)
  })

  test.each([
    [{ path: 'nothing.here' }, 'path'],
    [{ offset: -1 }, 'offset'],
    [{ limit: 0 }, 'limit'],
    [{ id: 'unknown' }, 'id'],
  ])('reject %j by its field', async (args, field) => {
    const session = await openModel()
    const id = idIn(textOf(await session.tool('up__rows')))
    expect(errorOf((await session.tool('read_answer', { id, ...args }))?.['result'])).toMatchObject({ field })
  })

  test('are whole for a program that calls a tool without listing tools', async () => {
    const token = await secretOf()
    const program = await openSession(url, token)
    expect(textOf(await program.tool('up__lines'))).toBe(LINES)
    expect((await program.tool('up__rows'))?.['result'].structuredContent.rows).toHaveLength(ROWS.length)
    // From now on a model may know the tools, also in another session of the token.
    await (await openSession(url, token)).send('tools/list')
    expect(textOf(await program.tool('up__lines'))).toContain('read_answer')
    expect(textOf(await (await openSession(url, token)).tool('up__lines'))).toContain('read_answer')
  })

  test('stay valid for a client that checks them against the schema', async () => {
    const client = new Client({ name: 'checks', version: '1' })
    const requestInit = { headers: { authorization: `Bearer ${await secretOf()}` } }
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }) as never)
    await client.listTools()
    const result = (await client.callTool({ name: 'up__rows', arguments: {} })) as Record<string, any>
    expect(JSON.stringify(result).length).toBeLessThan(40_000)
    expect(result['structuredContent'].rows.length).toBeGreaterThan(500)
    await client.close()
  })

  test('have a maximum length that can be changed and turned off', async () => {
    const session = await openModel()
    await engine.owner.settings.update({ answer_chars: 4000 })
    expect(JSON.stringify((await session.tool('up__lines'))?.['result']).length).toBeLessThan(4500)
    await engine.owner.settings.update({ answer_chars: null })
    expect(textOf(await session.tool('up__lines'))).toBe(LINES)
    await engine.owner.settings.update({ answer_chars: 32_000 })
  })

  test('use the maximum of the token, then of the project, then of the settings', async () => {
    const secret = await secretOf()
    const name = `t${tokens}`
    const session = await openSession(url, secret)
    await session.send('tools/list')
    const length = async (): Promise<number> => textOf(await session.tool('up__rows')).length
    const shown = async (): Promise<number> =>
      JSON.stringify((await session.tool('up__rows'))?.['result'].structuredContent).length
    const setToken = async (answerChars: number | 'off' | null): Promise<void> => {
      const { revision } = await engine.owner.tokens.get({ project: 'p', name })
      const { token } = await engine.owner.tokens.update({
        project: 'p',
        name,
        revision,
        set: { answer_chars: answerChars },
      })
      expect(token.answer_chars).toBe(answerChars)
    }
    expect(await shown()).toBeGreaterThan(25_000)
    const project = await engine.owner.projects.update({ name: 'p', answer_chars: 8000 })
    expect(project.answer_chars).toBe(8000)
    expect(await shown()).toBeLessThanOrEqual(8000)
    await setToken(5000)
    expect(await shown()).toBeLessThanOrEqual(5000)
    await setToken('off')
    expect(await length()).toBe(JSON.stringify({ rows: ROWS }).length)
    await setToken(null)
    expect(await shown()).toBeGreaterThan(5000)
    expect(await shown()).toBeLessThanOrEqual(8000)
    await engine.owner.projects.update({ name: 'p', answer_chars: 'off' })
    expect(await length()).toBe(JSON.stringify({ rows: ROWS }).length)
    await engine.owner.projects.update({ name: 'p', answer_chars: null })
    expect(await shown()).toBeGreaterThan(25_000)
  })

  test("use the token's maximum from its creation", async () => {
    const { secret, token } = await engine.owner.tokens.create({
      project: 'p',
      name: 'short',
      kind: 'access',
      grants: [{ connection: 'up', permissions: ['read'] }],
      answer_chars: 4000,
    })
    expect(token.answer_chars).toBe(4000)
    const session = await openSession(url, secret ?? '')
    await session.send('tools/list')
    expect(JSON.stringify((await session.tool('up__lines'))?.['result']).length).toBeLessThan(4500)
  })

  test.each([3999, 200_001, 0, -1, 4000.5, 'none'])('reject a maximum length of %j by its field', async (chars) => {
    await expect(engine.owner.projects.update({ name: 'p', answer_chars: chars as number })).rejects.toMatchObject({
      data: { code: 'INVALID_REQUEST', field: 'answer_chars' },
    })
  })

  test('are whole in pass-through, unless the project or token has a maximum', async () => {
    await engine.owner.projects.create({ name: 'through' })
    await engine.owner.connections.include({ name: 'up', project: 'through' })
    await engine.owner.projects.update({ name: 'through', pass_through: 'up' })
    const grants = [{ connection: 'up', permissions: ['read' as const] }]
    const { secret } = await engine.owner.tokens.create({ project: 'through', name: 'a', kind: 'access', grants })
    const session = await openSession(`${engine.url}/projects/through/mcp`, secret ?? '')
    await session.send('tools/list')
    expect(textOf(await session.tool('lines'))).toBe(LINES)
    await engine.owner.projects.update({ name: 'through', answer_chars: 4000 })
    const cut = (await session.tool('lines'))?.['result']
    expect(JSON.stringify(cut).length).toBeLessThan(4500)
    // Pass-through mode has no tool of Hallpass to read the rest with.
    expect(JSON.stringify(cut)).not.toContain('read_answer')
    const rows = (await session.tool('rows'))?.['result'].structuredContent.rows
    expect(rows.at(-1)).toEqual(ROWS[rows.length - 1])
  })

  // The last, because a check of the server that runs while time passes would report it as not responding.
  test('are deleted after ten minutes, on a pause, and when the grant is removed', async () => {
    const session = await openModel()
    const first = idIn(textOf(await session.tool('up__lines')))
    clock.advance(9 * 60_000)
    expect(textOf(await session.tool('read_answer', { id: first, limit: 5 }))).toContain('line')
    clock.advance(2 * 60_000)
    expect(errorOf((await session.tool('read_answer', { id: first }))?.['result'])).toMatchObject({ field: 'id' })
    const second = idIn(textOf(await session.tool('up__lines')))
    await engine.owner.pause()
    await engine.owner.resume()
    expect(errorOf((await session.tool('read_answer', { id: second }))?.['result'])).toMatchObject({ field: 'id' })
    const third = idIn(textOf(await session.tool('up__lines')))
    await engine.owner.connections.exclude({ name: 'up', project: 'p' })
    expect((await session.tool('read_answer', { id: third }))?.['result'].isError).toBe(true)
    await engine.owner.connections.include({ name: 'up', project: 'p' })
  })
})
