import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { matchesSchema } from '../../src/engine/mcp-upstreams/protocol/matches-schema.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { startScriptedUpstream, tool, type ScriptedUpstream } from './support/scripted-upstream.ts'
import { openSession } from './support/start-bridge-rig.ts'

const outputSchema = {
  type: 'object',
  properties: { agents: { type: 'array', items: { $ref: '#/$defs/agent' } }, total: { type: 'integer' } },
  required: ['agents'],
  $defs: { agent: { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] } },
}
const text = (value: string) => ({ content: [{ type: 'text', text: value }] })
const GOOD = '{"agents":[{"id":12345678901234567891}],"total":1}'
const RESULTS: Record<string, Record<string, unknown>> = {
  json: text(` ${GOOD}\n`),
  mismatch: text('{"agents":[{"name":"no ID"}]}'),
  prose: text('One agent.'),
  broken: text('{"agents":['),
  two: { content: [...text(GOOD).content, ...text('and more').content] },
  failed: { ...text(GOOD), isError: true },
  deep: text(`{"agents":[],"more":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
}

describe('a tool that declares its output and returns JSON text', () => {
  let engine: TestEngine
  let upstream: ScriptedUpstream
  let url: string
  let secret: string

  beforeAll(async () => {
    engine = await startTestEngine({ sample: false })
    upstream = await startScriptedUpstream({
      tools: [...Object.keys(RESULTS).map((name) => tool(name, { outputSchema })), tool('plain')],
      call: ({ name }) => RESULTS[String(name)] ?? text(GOOD),
    })
    await engine.owner.projects.create({ name: 'p' })
    await engine.owner.connections.create({ name: 'up', project: 'p', config: { kind: 'mcp', url: upstream.url } })
    url = `${engine.url}/projects/p/mcp`
    secret = (await engine.owner.tokens.create({ project: 'p', name: 't', kind: 'access', clone: true })).secret ?? ''
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await upstream?.close()
  })

  test('satisfies a client that checks results, with and without the prefix', async () => {
    for (const [passThrough, name] of [
      [null, 'up__json'],
      ['up', 'json'],
    ] as const) {
      await engine.owner.projects.update({ name: 'p', pass_through: passThrough })
      const client = new Client({ name: 'checking', version: '1' })
      const requestInit = { headers: { authorization: `Bearer ${secret}` } }
      await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }) as never)
      await client.listTools()
      const result = (await client.callTool({ name, arguments: {} })) as Record<string, any>
      expect(result['structuredContent']).toMatchObject({ total: 1 })
      expect(result['content'][0].text).toBe(` ${GOOD}\n`)
      await client.close()
    }
    await engine.owner.projects.update({ name: 'p', pass_through: null })
  })

  test('has the same content in its structure, exactly, and nothing that its schema forbids', async () => {
    const raw = async (name: string): Promise<string> => {
      const session = await openSession(url, secret)
      return JSON.stringify((await session.tool(`up__${name}`))?.['result'])
    }
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-session-id': (await openSession(url, secret)).id,
        'mcp-protocol-version': '2025-11-25',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'up__json', arguments: {} },
      }),
    })
    expect(await response.text()).toContain('"structuredContent":{"agents":[{"id":12345678901234567891}],"total":1}')
    for (const name of ['mismatch', 'prose', 'broken', 'two', 'failed', 'deep', 'plain'])
      expect(await raw(name), name).not.toContain('structuredContent')
  })
})

describe('matching a schema', () => {
  test.each([
    [{ a: 1 }, { type: 'object', properties: { a: { type: 'integer' } }, additionalProperties: false }, true],
    [{ a: 1, b: 2 }, { type: 'object', properties: { a: {} }, additionalProperties: false }, false],
    [{ a: null }, { properties: { a: { type: ['string', 'null'] } } }, true],
    [{ a: 'x' }, { properties: { a: { enum: ['x', 'y'] } } }, true],
    [{ a: 'z' }, { properties: { a: { enum: ['x', 'y'] } } }, false],
    [{ a: [1, 'x'] }, { properties: { a: { items: { type: 'integer' } } } }, false],
    [{ a: [1] }, { properties: { a: { minItems: 2 } } }, false],
    [{ a: 1 }, { oneOf: [{ required: ['a'] }, { required: ['b'] }] }, true],
    [{ a: 1, b: 1 }, { oneOf: [{ required: ['a'] }, { required: ['b'] }] }, false],
    [{ a: 1 }, { not: { required: ['a'] } }, false],
    [{ a: 5 }, { properties: { a: { maximum: 4 } } }, false],
    [{ a: 1 }, { $ref: '#/$defs/missing' }, false],
  ])('matches %j against %j: %s', (value, schema, expected) => {
    expect(matchesSchema(value, schema)).toBe(expected)
  })

  test('compares integers beyond 2^53 exactly', () => {
    const a = 12345678901234567891n
    expect(matchesSchema({ a }, { properties: { a: { anyOf: [{ const: 0 }, { type: 'integer' }] } } })).toBe(true)
    expect(matchesSchema({ a }, { properties: { a: { enum: [a] } } })).toBe(true)
    expect(matchesSchema({ a }, { properties: { a: { enum: [a + 1n] } } })).toBe(false)
  })

  test('finishes quickly for schemas that multiply or refer to themselves', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => {
        const next = { $ref: `#/$defs/s${index + 1}` }
        return [`s${index}`, { allOf: [next, next] }]
      }),
    )
    expect(matchesSchema({}, { $ref: '#/$defs/s0', $defs: { ...$defs, s60: {} } })).toBe(false)
    expect(matchesSchema({}, { $ref: '#' })).toBe(false)
  })
})
