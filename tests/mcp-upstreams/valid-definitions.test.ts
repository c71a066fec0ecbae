import {
  CallToolResultSchema,
  CompleteResultSchema,
  GetPromptResultSchema,
  PromptSchema,
  ReadResourceResultSchema,
  ResourceSchema,
  ResourceTemplateSchema,
  ToolSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv'
import { isSpecType } from '@modelcontextprotocol/client'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  validPrompt,
  validResource,
  validResourceTemplate,
  validTool,
} from '../../src/engine/mcp-upstreams/protocol/valid-definition.ts'
import { validResult } from '../../src/engine/mcp-upstreams/protocol/valid-result.ts'
import type { JsonObject } from '../../src/engine/text/json.ts'
import { repeats } from '../support/repeats.ts'

const TOOL = {
  name: 'search',
  title: 'Search',
  description: 'Finds things.',
  inputSchema: {
    type: 'object',
    properties: { q: { type: 'string', default: null }, n: { type: ['integer', 'null'] } },
    required: ['q'],
    $defs: { A: { type: 'object' } },
  },
  outputSchema: { type: 'object', properties: { hits: { type: 'array' } }, required: ['hits'] },
  annotations: { title: 'S', readOnlyHint: true, openWorldHint: false },
  execution: { taskSupport: 'optional' },
  icons: [{ src: 'https://example.com/i.png', mimeType: 'image/png', sizes: ['48x48'], theme: 'dark' }],
  _meta: { 'x.y/z': 1 },
  vendor: { kept: true },
}
const PROMPT = {
  name: 'p',
  title: 'P',
  description: 'd',
  arguments: [{ name: 'a', description: 'x', required: true }],
  icons: [{ src: 'x:y' }],
  _meta: {},
}
const RESOURCE = {
  uri: 'note://x',
  name: 'x',
  title: 'X',
  description: 'd',
  mimeType: 'text/plain',
  size: 3,
  annotations: { audience: ['user'], priority: 0.5, lastModified: '2025-01-01T00:00:00Z' },
  _meta: {},
}
const CALL = {
  content: [
    { type: 'text', text: 'a', annotations: { audience: ['user'], priority: 1 }, _meta: { a: 1 } },
    { type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' },
    { type: 'resource_link', uri: 'file:///a', name: 'a', mimeType: 'text/plain' },
    { type: 'resource', resource: { uri: 'note://x', text: 'hi', mimeType: 'text/plain' } },
    { type: 'resource', resource: { uri: 'note://x', blob: 'AAAA' } },
  ],
  structuredContent: { n: 1, deep: { a: [1, null] } },
  isError: false,
  _meta: { 'x.y/z': 1 },
}
const GET_PROMPT = {
  description: 'd',
  messages: [
    { role: 'user', content: { type: 'text', text: 'a' } },
    { role: 'assistant', content: { type: 'image', data: 'AAAA', mimeType: 'image/png' } },
  ],
}
const READ = {
  contents: [
    { uri: 'note://x', mimeType: 'text/plain', text: 'a', _meta: {} },
    { uri: 'b:c', blob: 'AAAA' },
  ],
}
const COMPLETION = { completion: { values: ['a', 'b'], total: 2, hasMore: false } }

/** What servers were seen to send where the protocol has something else. */
const WRONG = fc.constantFrom<unknown>(
  null,
  undefined,
  '',
  'text',
  0,
  7,
  true,
  false,
  [],
  [null],
  ['a'],
  {},
  { a: null },
  'true',
)

/** Returns a copy with one to three values at any depth replaced. */
function broken(sample: JsonObject): fc.Arbitrary<JsonObject> {
  const paths: (string | number)[][] = []
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (path.length > 0) paths.push(path)
    if (Array.isArray(value)) value.forEach((inner, at) => walk(inner, [...path, at]))
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key])
  }
  walk(sample, [])
  const change = fc.record({ path: fc.constantFrom(...paths), value: WRONG })
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const copy = structuredClone(sample)
    for (const { path, value } of changes) {
      let at: unknown = copy
      for (const step of path.slice(0, -1)) at = (at as Record<string | number, unknown> | null)?.[step]
      if (typeof at === 'object' && at !== null)
        (at as Record<string | number, unknown>)[path.at(-1) as string] = structuredClone(value)
    }
    return JSON.parse(JSON.stringify(copy)) as JsonObject
  })
}

const named = (sample: JsonObject, key: string): fc.Arbitrary<JsonObject> =>
  // A definition without its name or URI isn't listed at all.
  broken(sample).filter((one) => typeof one[key] === 'string' && one[key] !== '')

describe('definitions sent to clients are valid under the protocol', () => {
  test.each([
    ['tool', TOOL, 'name', validTool, ToolSchema, isSpecType.Tool],
    ['prompt', PROMPT, 'name', validPrompt, PromptSchema, isSpecType.Prompt],
    ['resource', RESOURCE, 'uri', validResource, ResourceSchema, isSpecType.Resource],
    [
      'resource template',
      { ...RESOURCE, uriTemplate: 'x://{a}' },
      'uriTemplate',
      validResourceTemplate,
      ResourceTemplateSchema,
      isSpecType.ResourceTemplate,
    ],
  ] as const)('an invalid %s is repaired or left out', (_what, sample, key, repair, schema, isValid) => {
    expect(repair(sample).definition).toBe(sample)
    fc.assert(
      fc.property(named(sample, key), (one) => {
        const { definition, problem } = repair(one)
        if (definition === null) {
          expect(problem).toMatch(/^has /)
          return
        }
        expect(schema.safeParse(definition).error?.issues).toBeUndefined()
        expect(isValid(definition)).toBe(true)
      }),
      { numRuns: repeats(400, 2000) },
    )
  })

  test.each([
    ['tools/call', CALL, CallToolResultSchema, isSpecType.CallToolResult],
    ['prompts/get', GET_PROMPT, GetPromptResultSchema, isSpecType.GetPromptResult],
    ['resources/read', READ, ReadResourceResultSchema, isSpecType.ReadResourceResult],
    ['completion/complete', COMPLETION, CompleteResultSchema, isSpecType.CompleteResult],
  ] as const)('an invalid result of %s is repaired', (method, sample, schema, isValid) => {
    expect(validResult(method, sample, {})).toEqual(sample)
    fc.assert(
      fc.property(broken(sample), (one) => {
        const valid = validResult(method, one, { uri: 'note://asked' })
        expect(schema.safeParse(valid).error?.issues).toBeUndefined()
        expect(isValid(valid)).toBe(true)
      }),
      { numRuns: repeats(400, 2000) },
    )
  })
})

describe('tools of known servers', () => {
  const input = (inputSchema: unknown): JsonObject | null =>
    validTool({ name: 't', inputSchema }).definition?.['inputSchema'] as JsonObject | null

  test('a tool whose input schema is not an object is left out', () => {
    for (const schema of ['x', [], { type: 'string' }, { type: ['array', 'null'] }, { anyOf: [{ type: 'string' }] }])
      expect(validTool({ name: 't', inputSchema: schema })).toEqual({
        definition: null,
        problem: "has an input schema that isn't an object",
      })
  })

  test('a root without a type, a union or a nullable object gets the type and keeps the rest', () => {
    expect(input(null)).toEqual({ type: 'object' })
    expect(input(undefined)).toEqual({ type: 'object' })
    expect(input({ $schema: 'x', properties: { a: {} } })).toEqual({
      type: 'object',
      $schema: 'x',
      properties: { a: {} },
    })
    const union = { anyOf: [{ type: 'object' }, { required: ['b'] }] }
    expect(input(union)).toEqual({ type: 'object', ...union })
    expect(input({ type: ['object', 'null'], properties: {} })).toEqual({ type: 'object', properties: {} })
    const referring = { $ref: '#/$defs/A', $defs: { A: { type: 'object' } } }
    expect(input(referring)).toEqual({ type: 'object', ...referring })
    const circle = { $ref: '#/$defs/A', $defs: { A: { $ref: '#/$defs/A' } } }
    expect(input(circle)).toEqual({ type: 'object', ...circle })
  })

  test('a property without a schema accepts any value, and a forbidden one accepts none', () => {
    expect(input({ type: 'object', properties: { a: true, b: false, c: null }, required: true })).toEqual({
      type: 'object',
      properties: { a: {}, b: { not: {} }, c: {} },
    })
  })

  test('an output schema that clients could not compile is dropped', () => {
    const output = (outputSchema: unknown): unknown =>
      (validTool({ name: 't', inputSchema: { type: 'object' }, outputSchema }).definition as JsonObject)['outputSchema']
    for (const properties of [
      { a: { $ref: '#/$defs/Missing' } },
      { a: { $ref: 'https://example.com/schema.json' } },
      { a: { type: 'string', pattern: '[' } },
      { a: { type: 'text' } },
      { a: { type: 'object', required: true } },
      { a: { enum: [] } },
      { a: { anyOf: {} } },
    ]) {
      expect(output({ type: 'object', properties })).toBeUndefined()
      expect(() => new AjvJsonSchemaValidator().getValidator({ type: 'object', properties } as never)).toThrow()
    }
    const fine = { type: 'object', properties: { a: { $ref: '#/$defs/A' }, b: true }, $defs: { A: { type: 'string' } } }
    expect(output(fine)).toEqual({ ...fine, properties: { a: { $ref: '#/$defs/A' }, b: {} } })
  })

  test('an output schema that no result can match is dropped, and the tool stays', () => {
    const tool = { name: 't', inputSchema: { type: 'object' }, outputSchema: { type: 'array', items: {} } }
    expect(validTool(tool).definition).toEqual({ name: 't', inputSchema: { type: 'object' } })
  })
})

test('content of an unknown form reaches the client as text', () => {
  const call = (result: JsonObject): unknown => validResult('tools/call', result, {})
  expect(call({ content: 'plain' })).toEqual({ content: [{ type: 'text', text: 'plain' }] })
  expect(call({ content: { type: 'text', text: 'one' } })).toEqual({ content: [{ type: 'text', text: 'one' }] })
  expect(call({ structuredContent: [1] })).toEqual({ content: [{ type: 'text', text: '[1]' }] })
  expect(call({ toolResult: { a: 1 } })).toEqual({ toolResult: { a: 1 }, content: [{ type: 'text', text: '{"a":1}' }] })
  expect(call({ content: [{ type: 'chart', x: 1 }, null, 'a'] })).toEqual({
    content: [
      { type: 'text', text: '{"type":"chart","x":1}' },
      { type: 'text', text: 'a' },
    ],
  })
  expect(call({ content: [{ type: 'image', data: 'data:image/png;base64,-_8=', mimeType: 'image/png' }] })).toEqual({
    content: [{ type: 'image', data: '+/8=', mimeType: 'image/png' }],
  })
})

test('schemas that refer to themselves many times do not slow Hallpass down', () => {
  const self = { allOf: Array.from({ length: 50 }, () => ({ $ref: '#/$defs/a' })) }
  const inputSchema = { type: 'object', $defs: { a: self }, allOf: [{ $ref: '#/$defs/a' }] }
  expect(validTool({ name: 'loop', inputSchema }).problem).toBeNull()
  const never = {
    type: 'object',
    $defs: { a: { allOf: [{ $ref: '#/$defs/a' }, { type: 'string' }] } },
    $ref: '#/$defs/a',
  }
  expect(validTool({ name: 'loop', inputSchema: never }).problem).not.toBeNull()
})
