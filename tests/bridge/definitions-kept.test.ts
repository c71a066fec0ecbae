import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { modernCaller } from './support/mcp-caller.ts'
import { startScriptedUpstream, type ScriptedUpstream } from './support/scripted-upstream.ts'
import { openSession } from './support/start-bridge-rig.ts'

type Json = Record<string, any>

const COUNT = 60
const word = fc.stringMatching(/^[a-z]{1,8}$/)
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)
const object = fc.dictionary(word, json, { maxKeys: 3 })
const optional = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(fields, { requiredKeys: [] })
const icons = fc.array(
  fc.record(
    {
      src: word.map((one) => `https://example.com/${one}.png`),
      mimeType: fc.constant('image/png'),
      sizes: fc.constant(['48x48', 'any']),
      theme: fc.constantFrom('light', 'dark'),
    },
    { requiredKeys: ['src'] },
  ),
  { minLength: 1, maxLength: 2 },
)
const common = { title: word, description: word, icons, _meta: object }
const annotations = optional({
  audience: fc.subarray(['user', 'assistant']),
  priority: fc.constantFrom(0, 0.25, 1),
  lastModified: fc.constant('2026-01-12T15:00:58Z'),
})
const schema = fc
  .record(
    {
      type: fc.constant('object'),
      properties: fc.dictionary(
        word,
        fc.constantFrom<Json>({ type: 'string', default: null }, { enum: [1, 'a', null] }, {}),
      ),
      $defs: fc.constant({ A: { type: 'object' } }),
      additionalProperties: fc.boolean(),
      $schema: fc.constant('http://json-schema.org/draft-07/schema#'),
      'x-vendor': json,
    },
    { requiredKeys: ['type'] },
  )
  .map((one) => ({ ...one, required: Object.keys(one.properties ?? {}).slice(0, 1) }))
/** Every optional field of the protocol, and fields that only the server and its own client know. */
const tool = optional({
  ...common,
  outputSchema: schema,
  annotations: optional({
    title: word,
    readOnlyHint: fc.boolean(),
    destructiveHint: fc.boolean(),
    idempotentHint: fc.boolean(),
    openWorldHint: fc.boolean(),
    vendorHint: json,
  }),
  execution: optional({ taskSupport: fc.constantFrom('optional', 'forbidden'), vendor: word }),
  vendor: json,
})
const prompt = optional({
  ...common,
  arguments: fc.array(
    fc.record({ name: word, title: word, description: word, required: fc.boolean() }, { requiredKeys: ['name'] }),
    { maxLength: 2 },
  ),
  vendor: json,
})
const resource = optional({ ...common, mimeType: word, size: fc.nat(), annotations, vendor: json })

const sampled = (arbitrary: fc.Arbitrary<Json>, fields: (index: number) => Json): Json[] =>
  fc.sample(arbitrary, COUNT).map((one, index) => JSON.parse(JSON.stringify({ ...one, ...fields(index) })) as Json)

describe('lists of an MCP server', { timeout: 60_000 }, () => {
  const tools = fc
    .sample(schema, COUNT)
    .map((inputSchema, index) => ({ ...sampled(tool, () => ({}))[0], name: `t${index}`, inputSchema }))
  const prompts = sampled(prompt, (index) => ({ name: `p${index}` }))
  const resources = sampled(resource, (index) => ({ uri: `a://r${index}`, name: `r${index}` }))
  const resourceTemplates = sampled(resource, (index) => ({ uriTemplate: `a://t${index}/{x}`, name: `t${index}` }))
  let upstream: ScriptedUpstream
  let engine: TestEngine
  let token: string
  let url: string

  beforeAll(async () => {
    upstream = await startScriptedUpstream({ tools, prompts, resources, resourceTemplates })
    engine = await startTestEngine({ sample: false })
    await engine.owner.projects.create({ name: 'p' })
    await engine.owner.connections.create({ name: 'up', project: 'p', config: { kind: 'mcp', url: upstream.url } })
    token = (await engine.owner.tokens.create({ project: 'p', name: 't', kind: 'access', clone: true })).secret ?? ''
    url = `${engine.url}/projects/p/mcp`
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await upstream?.close()
  })

  const LISTS: [string, string, Json[], string][] = [
    ['tools/list', 'tools', tools, 'name'],
    ['prompts/list', 'prompts', prompts, 'name'],
    ['resources/list', 'resources', resources, 'uri'],
    ['resources/templates/list', 'resourceTemplates', resourceTemplates, 'uriTemplate'],
  ]

  async function whole(send: (method: string, params: Json) => Promise<Json>, method: string, key: string) {
    const items: Json[] = []
    let cursor: string | undefined
    do {
      const { result } = await send(method, cursor === undefined ? {} : { cursor })
      items.push(...result[key])
      cursor = result.nextCursor
    } while (cursor !== undefined)
    return items
  }

  test.each(['own names', 'pass-through'])(
    'keep every field that the server sent: %s, in both protocol eras',
    async (way) => {
      await engine.owner.projects.update({ name: 'p', pass_through: way === 'pass-through' ? 'up' : null })
      const session = await openSession(url, token)
      const modern = modernCaller(url, token)
      const eras: [(method: string, params: Json) => Promise<Json>, string[]][] = [
        [async (method, params) => (await session.send(method, params)).body as Json, []],
        // The protocol without sessions has no `execution` anymore.
        [(method, params) => modern.send(method, params), ['execution']],
      ]
      for (const [send, abolished] of eras)
        for (const [method, key, sent, identity] of LISTS) {
          const received = (await whole(send, method, key)).filter((one) => !OWN.test(String(one[identity])))
          const without = [identity, ...abolished]
          const compared = (items: Json[]): Json[] =>
            items.map((one) => Object.fromEntries(Object.entries(one).filter(([field]) => !without.includes(field))))
          expect(compared(received), method).toEqual(compared(sent))
        }
    },
  )
})

/** Hallpass's own tools. */
const OWN = /^(?:list_connections|request_session_token|get_proxy_documentation|list_documents|read_answer)$/
