import { PassThrough } from 'node:stream'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modernCaller } from '../../bridge/support/mcp-caller.ts'
import { startTestEngine, type TestEngine } from '../../support/start-test-engine.ts'
import { openSession, startBridgeRig, type BridgeRig } from '../../bridge/support/start-bridge-rig.ts'
import { repeats } from '../../support/repeats.ts'

type Json = Record<string, unknown>

const ERAS = ['2025-11-25', '2026-07-28'] as const
const MODERN = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'fuzz', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

const methods = fc.oneof(
  fc.constantFrom(
    'tools/list',
    'tools/call',
    'resources/list',
    'resources/read',
    'resources/templates/list',
    'prompts/list',
    'prompts/get',
    'completion/complete',
    'logging/setLevel',
    'ping',
    'server/discover',
    'notifications/cancelled',
    'notifications/progress',
    'notifications/roots/list_changed',
    'tasks/get',
    'toString',
    '__proto__',
    'TOOLS/LIST',
    '',
  ),
  fc.string({ maxLength: 20 }),
)
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, '', 'x', [], {}, [[]], { __proto__: null }, '\uD800'),
  fc.jsonValue({ maxDepth: 3 }),
)
const callParams = fc.record(
  {
    name: fc.oneof(fc.constantFrom('get_records', 'list_tables', 'sql_query', 'no_such_tool', '__proto__'), odd),
    arguments: fc.oneof(fc.constant({ table: 'Orders' }), odd),
    uri: odd,
    cursor: odd,
    ref: odd,
    argument: odd,
    level: odd,
    requestId: odd,
    progressToken: odd,
    _meta: fc.oneof(fc.constant(MODERN), fc.constant({ progressToken: 'p' }), odd),
  },
  { requiredKeys: [] },
)
const ids = fc.oneof(fc.integer(), fc.string({ maxLength: 12 }), odd)
const message = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 8, arbitrary: fc.constant('2.0') }, odd),
    id: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 1e9 }) }, ids),
    method: fc.oneof({ weight: 8, arbitrary: methods }, odd),
    params: fc.oneof({ weight: 6, arbitrary: callParams }, odd),
    result: odd,
    error: odd,
    extra: odd,
  },
  { requiredKeys: ['jsonrpc', 'method'] },
)
const body = fc.oneof(
  { weight: 8, arbitrary: message.map((one) => JSON.stringify(one)) },
  fc.array(message, { maxLength: 3 }).map((batch) => JSON.stringify(batch)),
  fc.string({ maxLength: 30 }),
  fc.json({ maxDepth: 3 }),
)

describe.each(ERAS)('a client of %s that sends anything', (era) => {
  let engine: TestEngine
  let rig: BridgeRig
  let secret: string
  let url: string
  beforeAll(async () => {
    engine = await startTestEngine()
    url = `${engine.url}/projects/demo/mcp`
    const created = await engine.owner.tokens.create({
      project: 'demo',
      name: 'fuzz',
      kind: 'access',
      clone: true,
      rate: 'none',
    })
    secret = created.secret ?? ''
    rig = await startBridgeRig()
    await rig.token('local', [{ connection: 'sales', permissions: ['read'] }], 'local')
  })
  afterAll(async () => {
    await rig[Symbol.asyncDispose]()
    await engine[Symbol.asyncDispose]()
  })

  test(
    'over HTTP gets JSON-RPC with its own ID, no internal error, and stays connected',
    { timeout: 120_000 },
    async () => {
      const session = era === '2025-11-25' ? await openSession(url, secret) : null
      await fc.assert(
        fc.asyncProperty(body, async (text) => {
          const sent = parsed(text)
          const response = await fetch(url, {
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              accept: 'application/json, text/event-stream',
              authorization: `Bearer ${secret}`,
              ...(session === null
                ? { 'mcp-protocol-version': era, 'mcp-method': headerOf(sent?.['method']) }
                : { 'mcp-session-id': session.id }),
            },
            body: text,
            signal: AbortSignal.timeout(20_000),
          })
          expect(response.status).toBeLessThan(500)
          for (const reply of repliesOf(await response.text())) {
            const { error, id } = reply as { error?: { message?: string; data?: { code?: string } }; id?: unknown }
            expect(error?.data?.code).not.toBe('INTERNAL')
            expect(JSON.stringify(error ?? '')).not.toMatch(/ at .*\.ts|node:internal/)
            if (id !== undefined && id !== null && sent !== null && 'id' in sent) expect(id).toEqual(sent['id'])
          }
          if (session === null) expect(await modernCaller(url, secret).send('tools/list')).toHaveProperty('result')
          else expect((await session.send('tools/list')).status).toBe(200)
        }),
        { numRuns: repeats(80, 250) },
      )
    },
  )

  test(
    'over stdio gets one response per request, nothing but the protocol, and continues',
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 6 }), async (texts) => {
          const [input, output, stop] = [new PassThrough(), new PassThrough(), new AbortController()]
          let answered = ''
          output.on('data', (chunk) => (answered += String(chunk)))
          const serving = rig.bridge.serveStream(input, output, {
            project: 'demo',
            tokenName: 'local',
            signal: stop.signal,
          })
          const say = (one: Json): void => void input.write(`${JSON.stringify({ jsonrpc: '2.0', ...one })}\n`)
          if (era === '2025-11-25') {
            say({
              id: 'hello',
              method: 'initialize',
              params: { protocolVersion: era, capabilities: {}, clientInfo: { name: 'f', version: '1' } },
            })
            say({ method: 'notifications/initialized' })
          }
          for (const text of texts) input.write(`${text.replaceAll('\n', ' ')}\n`)
          say({ id: 'last', method: 'tools/list', params: era === '2025-11-25' ? {} : { _meta: MODERN } })
          await expect.poll(() => answered.includes('"last"'), { timeout: 15_000, interval: 2 }).toBe(true)
          input.end()
          stop.abort()
          await serving
          const replies = answered
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as Json)
          for (const reply of replies) expect(reply['jsonrpc']).toBe('2.0')
          const last = replies.filter((reply) => reply['id'] === 'last')
          expect(last).toEqual([
            expect.objectContaining({ result: expect.objectContaining({ tools: expect.any(Array) }) }),
          ])
          expect(JSON.stringify(replies)).not.toMatch(/"INTERNAL"|node:internal/)
        }),
        { numRuns: repeats(40, 120) },
      )
      expect(rig.reported).toEqual([])
    },
  )
})

function parsed(text: string): Json | null {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
  } catch {
    // The text is meant to be junk at times.
    return null
  }
}

function headerOf(method: unknown): string {
  return typeof method === 'string' && /^[\x21-\x7e]+$/.test(method) ? method : 'ping'
}

/** The JSON-RPC messages of a body, which is JSON or an event stream. */
function repliesOf(text: string): unknown[] {
  if (text.trim() === '') return []
  if (!/^(event|data|id|retry|:)/m.test(text)) return [JSON.parse(text)]
  return text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6))] : []))
}
