import { describe, expect, it } from 'vitest'
import { dump } from 'js-yaml'
import {
  createCatalog,
  selectedOperations,
  createInspection,
  readOperations,
} from '../../src/engine/http-apis/openapi/document/catalog.ts'
import type { Operation } from '../../src/engine/http-apis/openapi/document/operations.ts'
import { createToolSchemas } from '../../src/engine/http-apis/openapi/tools/tool-input-schema.ts'
import { propertyManagementApi, smallApi } from './support/openapi-documents.ts'

const read = (document: object) => readOperations(JSON.stringify(document))
const withPaths = (paths: object, more: object = {}) => ({
  openapi: '3.0.3',
  info: { title: 'A', version: '1' },
  paths,
  ...more,
})
/** The one operation of a document, as it becomes a tool. */
const only = (operations: readonly Operation[]): Operation => {
  const [first] = operations
  if (first === undefined || operations.length > 1) throw new Error('not one operation')
  return first
}
const toolBody = ({ operations, schemas }: Awaited<ReturnType<typeof read>>, id = operations[0]?.id): unknown => {
  const operation = only(operations.filter((one) => one.id === id))
  const { properties } = createToolSchemas(schemas).inputSchema(operation) as { properties: Record<string, unknown> }
  return properties['body']
}
const answer = { responses: { 200: { description: 'ok' } } }

describe('an OpenAPI document', () => {
  it.each([
    ['', /is empty/],
    ['   \n', /is empty/],
    ['<html>', /web page/],
    ['<?xml version="1.0"?>', /web page or XML/],
    ['[1,2]', /contain an object/],
    ['"text"', /contain an object/],
    ['plain words', /contain an object/],
    ['{"a": }', /valid JSON/],
    ['a: b: c: [', /valid JSON or YAML/],
    ['swagger: "2.0"\npaths: {}', /Swagger 2\.0\. Hallpass supports/],
    ['{"asyncapi":"3.0.0"}', /AsyncAPI/],
    ['{"info":{}}', /no "openapi" version/],
    ['{"openapi":"3.2.0","paths":{}}', /version 3\.2\.0/],
    ['{"openapi":"3.0.0"}', /no "paths"/],
    ['{"openapi":"3.0.0","paths":[]}', /invalid "paths"/],
    ['{"openapi":"3.0.0","paths":{}}', /no usable operations/],
    ['{"openapi":"3.0.0","paths":{"/a":{"trace":{}}}}', /no usable operations/],
  ])('that is %j is rejected with what is wrong', async (text, sentence) => {
    await expect(readOperations(text)).rejects.toThrow(sentence)
    await expect(readOperations(text)).rejects.toMatchObject({ code: 'INVALID_REQUEST', field: 'config.openapi' })
  })

  it.each([
    ['a file', './schemas.json#/Listing'],
    ['an address', 'http://127.0.0.1:1/schemas.json'],
    ['a local file', 'file:///etc/passwd'],
    ['nothing', '#/components/schemas/Nothing'],
    ['a property of every JavaScript object', '#/constructor'],
  ])('that refers to %s gets nothing from there', async (_, ref) => {
    const { operations } = await read(
      withPaths({
        '/a': {
          post: {
            operationId: 'a',
            requestBody: {
              content: {
                'application/json': {
                  schema: { type: 'object', properties: { x: { $ref: ref, description: 'kept' } } },
                },
              },
            },
            ...answer,
          },
        },
      }),
    )
    expect(operations[0]?.body?.schema).toEqual({ type: 'object', properties: { x: { description: 'kept' } } })
    const { leftOut } = await read(
      withPaths({
        '/a': { get: { operationId: 'a', ...answer } },
        '/b': { $ref: ref },
        '/c': { get: { parameters: [{ $ref: ref }], ...answer } },
      }),
    )
    expect(leftOut.map((one) => one.operation)).toEqual(['/b', 'GET /c'])
  })

  it('with circular references is read', async () => {
    const { operations, schemas } = await read(
      withPaths(
        {
          '/a': {
            post: {
              operationId: 'a',
              requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Tree' } } } },
              ...answer,
            },
          },
          '/b': { get: { parameters: [{ $ref: '#/components/parameters/One' }], ...answer } },
        },
        {
          components: {
            schemas: {
              Tree: {
                type: 'object',
                properties: {
                  left: { $ref: '#/components/schemas/Tree' },
                  other: { $ref: '#/components/schemas/Bush' },
                },
              },
              Bush: { allOf: [{ $ref: '#/components/schemas/Tree' }] },
            },
            parameters: { One: { $ref: '#/components/parameters/Two' }, Two: { $ref: '#/components/parameters/One' } },
          },
        },
      ),
    )
    expect(operations.map((one) => one.id)).toEqual(['a'])
    const tree = createToolSchemas(schemas).inputSchema(only(operations))
    expect(tree).toMatchObject({
      properties: { body: { type: 'object', properties: { left: { $ref: '#/$defs/Tree' } } } },
      $defs: { Tree: { type: 'object' } },
    })
    for (const [, name] of JSON.stringify(tree).matchAll(/"#\/\$defs\/([^"]+)"/g))
      expect(tree['$defs']).toHaveProperty(String(name))
  })

  it('built to grow exponentially stays small', async () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [
        `S${n}`,
        {
          type: 'object',
          properties: Object.fromEntries(
            Array.from({ length: 10 }, (_, k) => [`p${k}`, { $ref: `#/components/schemas/S${n + 1}` }]),
          ),
        },
      ]),
    )
    const text = JSON.stringify(
      withPaths(
        {
          '/a': {
            post: {
              requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } } },
              ...answer,
            },
          },
          '/b': { post: { requestBody: { content: { 'application/json': { schema: 'DEEP' } } }, ...answer } },
        },
        { components: { schemas } },
      ),
    )
    const { operations } = await readOperations(
      text.replace('"DEEP"', `${'{"type":"array","items":'.repeat(5_000)}{}${'}'.repeat(5_000)}`),
    )
    expect(JSON.stringify(operations).length).toBeLessThan(2_000_000)
  })

  it('in YAML is the same as in JSON, also with an unquoted version', async () => {
    const json = await read(smallApi())
    const yaml = await readOperations(dump(smallApi()))
    expect(yaml.operations).toEqual(json.operations)
    for (const [version, told] of [
      ['3.0', '3.0'],
      ['3.1', '3.1'],
    ] as const) {
      const { document } = await readOperations(
        `openapi: ${version}\ninfo: {title: A, version: 1.0}\npaths: {/a: {get: {responses: {}}}}`,
      )
      expect(document.openapi).toBe(told)
    }
  })

  it('in YAML with an alias bomb is read without growing', async () => {
    const bomb = [
      'openapi: 3.1.0',
      'info: {title: A, version: "1"}',
      'x-a: &a {type: object, properties: {p: {type: string}, q: {type: string}}}',
      ...Array.from(
        { length: 24 },
        (_, n) =>
          `x-${n}: &n${n} {type: object, properties: {l: *${n === 0 ? 'a' : `n${n - 1}`}, r: *${n === 0 ? 'a' : `n${n - 1}`}}}`,
      ),
      'paths: {/a: {post: {requestBody: {content: {application/json: {schema: *n23}}}, responses: {}}}}',
    ].join('\n')
    const { operations } = await readOperations(bomb)
    expect(JSON.stringify(operations).length).toBeLessThan(2_000_000)
  })
})

describe('operations', () => {
  it('without an ID get one from method and path, and duplicate IDs are distinguished in any order', async () => {
    const paths = {
      '/listings/{id}/photos': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: answer,
      },
      '/a': { get: { operationId: 'same', ...answer } },
      '/b': { get: { operationId: 'same', ...answer } },
      '/c/x': { get: { operationId: 'repos/list for.user', ...answer } },
    }
    const ids = async (given: object) => (await read(withPaths(given))).operations.map((one) => one.id)
    expect(await ids(paths)).toEqual(['get_listings_by_id_photos', 'same_get_a', 'same_get_b', 'repos_list_for_user'])
    expect((await ids(Object.fromEntries(Object.entries(paths).toReversed()))).toSorted()).toEqual(
      (await ids(paths)).toSorted(),
    )
    const colliding = await ids({
      '/a/{x}': { get: answer, parameters: [{ name: 'x', in: 'path', schema: {} }] },
      '/a/{x': { get: answer },
      '/a/-x': { get: answer },
      '/a/_x': { get: answer },
    })
    expect(new Set(colliding).size).toBe(colliding.length)
  })

  it("that can't be called are left out with a reason", async () => {
    const { operations, leftOut } = await read(
      withPaths({
        '/good': { get: { operationId: 'good', ...answer } },
        '/cookie': { get: { parameters: [{ name: 'sid', in: 'cookie', required: true, schema: {} }], ...answer } },
        '/optional-cookie': {
          get: { operationId: 'kept', parameters: [{ name: 'sid', in: 'cookie', schema: {} }], ...answer },
        },
        '/missing/{id}': { get: answer },
        '/elsewhere': { get: { servers: [{ url: 'https://evil.example' }], ...answer } },
        'no-slash': { get: answer },
        '/odd': { get: 7, trace: {} },
      }),
    )
    expect(operations.map((one) => [one.id, one.parameters.length])).toEqual([
      ['good', 0],
      ['kept', 0],
    ])
    expect(Object.fromEntries(leftOut.map((one) => [one.operation, one.reason]))).toEqual({
      'GET /cookie': "it needs the cookie sid, but cookies aren't supported",
      'GET /missing/{id}': "its path uses {id}, which isn't a declared parameter",
      'GET /elsewhere': 'it uses a different server (https://evil.example)',
      'GET no-slash': "its path doesn't start with /",
      'GET /odd': "it isn't an object",
      'TRACE /odd': "TRACE isn't supported",
    })
  })

  it('have their arguments in one schema, in the form that clients and model providers accept', async () => {
    const document = await read(smallApi())
    const { operations } = document
    const create = operations.find((one) => one.id === 'createListing')
    expect(create?.body).toMatchObject({ property: 'body', required: true, mediaType: 'application/json' })
    expect(toolBody(document, 'createListing')).toMatchObject({
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', description: 'What it is called' },
        nightly: { anyOf: [{ type: 'number', minimum: 0 }, { type: 'null' }] },
      },
    })
    expect(JSON.stringify(toolBody(document, 'createListing'))).not.toContain('readOnly')
    const list = operations.find((one) => one.id === 'listListings')
    expect(list?.parameters.map((one) => one.property)).toEqual(['limit', 'tags', 'filter_city', 'X-Trace'])
  })

  it('convert the flags of 3.0 to those of 3.1', async () => {
    const { operations } = await read(
      withPaths({
        '/a': {
          post: {
            requestBody: {
              content: {
                'application/json': {
                  schema: {
                    type: 'object',
                    properties: {
                      a: { type: 'integer', nullable: true, minimum: 1, exclusiveMinimum: true, example: 3 },
                      b: { type: 'string', enum: ['x'], default: 'x', xml: {} },
                    },
                    additionalProperties: {},
                  },
                },
              },
            },
            ...answer,
          },
        },
      }),
    )
    expect(operations[0]?.body?.schema).toEqual({
      type: 'object',
      additionalProperties: true,
      properties: {
        a: { anyOf: [{ type: 'integer', exclusiveMinimum: 1 }, { type: 'null' }] },
        b: { type: 'string', enum: ['x'], default: 'x' },
      },
    })
  })

  it('show hidden characters in their texts as escapes', async () => {
    const { operations } = await read(
      withPaths({
        '/a': {
          get: {
            operationId: 'a',
            summary: 'Lists\u202Eteg',
            description: 'x\u200By',
            parameters: [
              { name: 'q', in: 'query', description: '\u{E0041}', schema: { type: 'string', description: 'a\u200Bb' } },
            ],
            ...answer,
          },
        },
      }),
    )
    expect(JSON.stringify(operations)).not.toMatch(/[\u202E\u200B\u{E0041}]/u)
    expect(operations[0]).toMatchObject({ summary: 'Lists⟨U+202E⟩teg', description: 'x⟨U+200B⟩y' })
  })

  it('are selected by ID, and an unknown ID is rejected', async () => {
    const document = await read(smallApi())
    expect(() => createCatalog(document, { ids: ['listListings', 'nothing'] })).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', field: 'config.openapi.operations' }),
    )
    expect(selectedOperations(createCatalog(document, { ids: ['listListings'] })).map((one) => one.id)).toEqual([
      'listListings',
    ])
    expect(selectedOperations(createCatalog(document))).toHaveLength(4)
  })

  it('of an API with 300 operations, in JSON and YAML of thousands of lines, are all read', async () => {
    const api = propertyManagementApi(300)
    const yaml = dump(api)
    expect(yaml.split('\n').length).toBeGreaterThan(10_000)
    for (const text of [JSON.stringify(api), yaml]) {
      const found = await readOperations(text)
      const inspection = createInspection(found, undefined)
      expect(inspection.operations).toHaveLength(300)
      expect(inspection.left_out).toEqual([])
      expect(inspection.operations.filter((one) => one.permission === 'read')).toHaveLength(120)
    }
  })
})
