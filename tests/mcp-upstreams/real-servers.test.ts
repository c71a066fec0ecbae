import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKnownSecrets } from '../../src/engine/mcp-upstreams/known-secrets.ts'
import { saysLostSession } from '../../src/engine/mcp-upstreams/session/lost-session.ts'
import { lastOutput } from '../../src/engine/mcp-upstreams/stdio/last-output.ts'
import type { JsonObject } from '../../src/engine/text/json.ts'
import { scriptedCommand } from './support/scripted-command.ts'
import { eventually, openMcpRoom, quietClient, textOf, type McpRoom } from './support/mcp-room.ts'

const FINE = { name: 'fine', inputSchema: { type: 'object' } }

let room: McpRoom
beforeEach(async () => {
  room = await openMcpRoom()
})
afterEach(() => room[Symbol.asyncDispose]())

const says = (name: string, what: JsonObject) => scriptedCommand(room.home, name, what)

const call = (tool = 'fine') => room.mcp.openSession('up', quietClient()).request('tools/call', { name: tool })

describe('a malformed tool', () => {
  it('is left out with a notice to the owner, and the other tools stay', async () => {
    await room.add('up', says('up', { tools: [{ name: 'bad', inputSchema: { type: 'string' } }, FINE] }))
    expect(room.mcp.catalog('up').tools.map((one) => one.name)).toEqual(['fine'])
    expect(room.mcp.tools('up').map((one) => [one.name, one.problem])).toEqual([
      ['bad', expect.stringContaining("input schema that isn't an object")],
      ['fine', null],
    ])
    expect(room.mcp.diagnostics('up').message).toContain('tool "bad"')
    expect(room.mcp.pendingReviews()).toEqual([])
    await expect(call('bad')).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  })

  it('is reported once, with what was repaired, to the owner and in the diagnostic log', async () => {
    const tools = [{ ...FINE, title: null }, { name: 'wrapped' }, { ...FINE, name: 'untouched' }]
    await room.add('up', says('up', { tools }))
    expect(room.mcp.tools('up').map((one) => one.repaired)).toEqual([['title'], ['inputSchema'], []])
    const text = 'Repaired, so that clients can read the list: tool "fine" (title), tool "wrapped" (inputSchema).'
    expect(room.mcp.diagnostics('up').message).toBe(text)
    await room.mcp.refresh('up')
    expect(room.notes).toEqual([{ connection: 'up', text }])
  })

  it('that runs only as a task is left out, because no client can run one through Hallpass', async () => {
    await room.add('up', says('up', { tools: [{ ...FINE, execution: { taskSupport: 'required' } }] }))
    expect(room.mcp.catalog('up').tools).toEqual([])
    expect(room.notes[0]?.text).toContain('tool "fine" runs only as a task')
    await expect(call()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  })

  it('keeps the fields that say how it runs', async () => {
    await room.add('up', says('up', { tools: [{ ...FINE, execution: { taskSupport: 'optional' } }] }))
    expect(room.mcp.catalog('up').tools[0]?.definition['execution']).toEqual({ taskSupport: 'optional' })
  })
})

describe('a server that', () => {
  it('declares prompts and resources but has none still lists its tools, with a note', async () => {
    await room.add('up', says('up', { capabilities: { tools: {}, prompts: {}, resources: {} }, tools: [FINE] }))
    expect(room.mcp.catalog('up').tools).toHaveLength(1)
    expect(room.mcp.catalog('up').leftOut).toMatch(/declares resources .* declares prompts /)
  })

  it.each(['initialize', 'tools/list'])('rejects %s is quoted verbatim', async (method) => {
    const config = says('up', { errors: { [method]: { code: -32000, message: 'ACME_TOKEN is not set' } } })
    await expect(room.mcp.check(config, undefined)).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
      message: expect.stringContaining('ACME_TOKEN is not set'),
    })
  })

  it('writes a byte order mark is understood', async () => {
    await room.add('up', says('up', { bom: true, tools: [FINE] }))
    expect(textOf(await call())).toBe('ran fine')
  })

  it('writes a line without an end is stopped, and the call fails', async () => {
    await room.add('up', says('up', { endless: 'tools/call', tools: [FINE] }))
    await expect(call()).rejects.toThrow('sent a message larger than 64 MiB')
    await eventually(() => room.mcp.diagnostics('up').sessions === 0)
  }, 60_000)

  it('sends null for its content reaches the client', async () => {
    await room.add('up', says('up', { tools: [FINE], result: { content: null } }))
    expect(await call()).toEqual({ content: [] })
  })
})

describe('a tool that changed', () => {
  it('is not called before the owner accepts it, even while the catalog is fresh', async () => {
    await room.add('up', says('up', { tools: [FINE] }))
    expect(textOf(await call())).toBe('ran fine')
    says('up', { tools: [{ ...FINE, description: 'Does something else now.' }] })
    await expect(call()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(room.mcp.pendingReviews()).toEqual([{ connection: 'up', tools: 1 }])
    await room.mcp.accept('up', ['fine'])
    expect(textOf(await call())).toBe('ran fine')
  })

  it('is found by a refresh', async () => {
    await room.add('up', says('up', { tools: [FINE] }))
    says('up', { tools: [FINE, { ...FINE, name: 'more' }] })
    expect(await room.mcp.refresh('up')).toEqual({ tools: 2, needs_review: 1 })
  })
})

describe('a server that hangs', () => {
  it('delays one call, and later calls fail immediately until it responds again', async () => {
    await room.add('up', says('up', { tools: [FINE] }))
    const session = room.mcp.openSession('up', quietClient())
    const fine = (timeoutMs: number): Promise<JsonObject> =>
      session.request('tools/call', { name: 'fine' }, { timeoutMs })
    expect(textOf(await fine(20_000))).toBe('ran fine')
    says('up', { tools: [FINE], hangs: ['tools/call', 'tools/list', 'ping'] })
    await expect(fine(300)).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
    await expect(fine(20_000)).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT', reason: 'unresponsive' })
    says('up', { tools: [FINE] })
    await eventually(async () => (await fine(20_000).then(textOf, () => '')) === 'ran fine', 70_000)
  }, 90_000)
})

describe('why a command failed to start', () => {
  it.each([
    [
      'a usage text after the reason',
      'Error: missing API key\n\nUsage: server [options]\n  --key <key>  The key\n',
      'Error: missing API key',
    ],
    [
      'a stack',
      '/a/b.js:3\n  throw new Error("x")\n  ^\n\nError: ACME_TOKEN is not set\n    at f (/a/b.js:3:9)\n\nNode.js v24.1.0\n',
      'Error: ACME_TOKEN is not set',
    ],
    [
      'a traceback',
      'Traceback (most recent call last):\n  File "a.py", line 1\n    x()\nKeyError: 1\n\nRuntimeError: no database\n',
      'RuntimeError: no database',
    ],
    ['npm', 'npm warn deprecated x\nnpm error code E404\nnpm error 404 not found\n', 'npm error code E404'],
    ['plain words', 'starting\nACME_TOKEN is required\nbye\n', 'ACME_TOKEN is required'],
    ['output without a reason', 'starting\nbye\n', 'bye'],
  ])('is found in %s', (_what, stderr, words) => {
    expect(lastOutput(stderr)).toBe(`, saying: ${words}`)
  })
})

it.each([
  'Session not found',
  'Bad Request: No valid session ID provided',
  'Invalid session ID\n',
  'Bad Request: Server not initialized',
  'Unauthorized: Session not found',
  'Unexpected message, expect initialize request',
  'session expired',
  'Mcp-Session-Id header is required',
  'Unknown session',
])('treats “%s” as a lost session', (text) => expect(saysLostSession(text)).toBe(true))

it.each(['The browser session is busy', 'invalid argument', 'Unauthorized', ''])(
  'treats “%s” as another error',
  (text) => expect(saysLostSession(text)).toBe(false),
)

it('masks only the current and the previous value of a secret', () => {
  const known = createKnownSecrets()
  for (let turn = 0; turn < 200; turn += 1) known.add(`access-token-number-${turn}-of-many`, 'access token')
  known.add('a-header-value-of-its-own', 'X-Key')
  const masked = (value: string): boolean => !known.scrub(`it is ${value}.`).includes(value)
  expect(
    ['access-token-number-199-of-many', 'access-token-number-198-of-many', 'a-header-value-of-its-own'].map(masked),
  ).toEqual([true, true, true])
  expect(masked('access-token-number-3-of-many')).toBe(false)
})
