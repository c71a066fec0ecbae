import { describe, expect, it } from 'vitest'
import {
  catalogChanges,
  createCatalog,
  readOperations,
  selectedOperations,
} from '../../src/engine/http-apis/openapi/document/catalog.ts'
import { createToolSchemas } from '../../src/engine/http-apis/openapi/tools/tool-input-schema.ts'

const answer = { responses: { 200: { description: 'ok' } } }
const documentOf = (paths: object, more: object = {}) =>
  JSON.stringify({ openapi: '3.0.0', info: { title: 'A', version: '1' }, paths, ...more })

describe('a document of more than 5,000 operations', () => {
  const large = documentOf(
    Object.fromEntries(
      Array.from({ length: 5_200 }, (_, n) => [
        `/r${n}`,
        { get: { operationId: `op/${n}`, tags: [n < 3 ? 'few' : n < 5 ? 'Others' : 'many'], ...answer } },
      ]),
    ),
  )

  it('is rejected without a selection, and with one of too many operations, with how to select fewer', async () => {
    for (const selection of [{}, { tags: ['many'] }, { ids: ['nothing'] }])
      await expect(readOperations(large, selection)).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        field: 'config.openapi.operations',
        message: expect.stringMatching(/--tag/),
      })
  })

  it('offers the selected operations, by ID, tool name or tag', async () => {
    const selection = { ids: ['op/100', 'op_101'], tags: ['few'] }
    const catalog = createCatalog(await readOperations(large, selection), selection)
    expect(selectedOperations(catalog).map((one) => one.id)).toEqual(['op_0', 'op_1', 'op_2', 'op_100', 'op_101'])
  })
})

describe('a selection', () => {
  it.each([
    [{ tags: ['nothing'] }, 'config.openapi.tags'],
    [{ ids: ['getPet', 'getPest'] }, 'config.openapi.operations'],
  ])('of what the document does not have is rejected by its field', async (selection, field) => {
    const read = await readOperations(
      documentOf({ '/a': { get: { operationId: 'getPet', tags: ['pets'], ...answer } } }),
    )
    expect(() => createCatalog(read, selection)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST', field }))
  })
})

describe('servers of paths and operations', () => {
  const found = async (servers: object[], own: object, baseUrl: string | null) => {
    const { operations, leftOut } = await readOperations(
      documentOf(
        { '/a': { get: { operationId: 'plain', ...answer } }, '/b': { ...own, get: { operationId: 'b', ...answer } } },
        { servers },
      ),
      {},
      baseUrl,
    )
    return operations.find((one) => one.id === 'b')?.path ?? leftOut[0]?.reason
  }
  const api = { url: 'https://api.example.com/v1' }

  it.each([
    ['another host', { url: 'https://uploads.example.com' }, /different server/],
    ['another path of the same host', { url: 'https://api.example.com/upload' }, /isn't below the base URL/],
    ['a path that only starts the same', { url: 'https://api.example.com/v10' }, /isn't below the base URL/],
    ['another scheme', { url: 'http://api.example.com/v1' }, /different server/],
  ])('that name %s leave the operation out', async (_, server, reason) => {
    expect(await found([api], { servers: [server] }, api.url)).toMatch(reason)
  })

  it.each([
    ['the document’s own server', api, '/b'],
    ['the document’s own server with a slash', { url: 'https://api.example.com/v1/' }, '/b'],
    ['a path below it', { url: 'https://api.example.com/v1/admin' }, '/admin/b'],
    ['a variable with its default', { url: 'https://{h}.example.com/v1', variables: { h: { default: 'api' } } }, '/b'],
  ])('that name %s are used', async (_, server, path) => {
    expect(await found([api], { servers: [server] }, 'http://127.0.0.1:8080')).toBe(path)
  })

  it('without a scheme apply to both, as in the Kubernetes document', async () => {
    const servers = [{ url: 'https://kubernetes.local' }]
    expect(await found([{ url: '//kubernetes.local' }], { servers }, 'http://127.0.0.1:8001')).toBe('/b')
  })

  it("that are below the connection's base URL are used", async () => {
    expect(await found([], { servers: [{ url: '/v2/admin' }] }, 'https://api.example.com/v2')).toBe('/admin/b')
    expect(await found([], { servers: [{ url: 'https://api.example.com/x' }] }, 'https://api.example.com')).toBe('/x/b')
  })
})

it.each(['/a?x={id}', '/a#frag'])('the path %s leaves its operation out by name', async (path) => {
  const { leftOut } = await readOperations(
    documentOf({
      '/fine': { get: answer },
      [path]: { get: { parameters: [{ name: 'id', in: 'path', schema: {} }], ...answer } },
    }),
  )
  expect(leftOut).toEqual([{ operation: `GET ${path}`, reason: expect.stringContaining('path contains') }])
})

describe('the schema of a body', () => {
  const bodySchema = async (schema: object, components: object, more: object = {}) => {
    const requestBody = { content: { 'application/json': { schema } } }
    const read = await readOperations(
      documentOf({ '/a': { post: { operationId: 'a', requestBody, ...answer } }, ...more }, { components }),
    )
    const operation = read.operations.find((one) => one.id === 'a')
    if (operation === undefined) throw new Error('no operation')
    return createToolSchemas(read.schemas).inputSchema(operation)
  }
  const subtype = (name: string) => ({
    allOf: [
      { $ref: '#/components/schemas/Pet' },
      { type: 'object', required: [name], properties: { [name]: { type: 'string' } } },
    ],
  })
  const schemas = {
    Pet: {
      type: 'object',
      required: ['petType'],
      properties: { petType: { type: 'string' } },
      discriminator: { propertyName: 'petType' },
    },
    Cat: subtype('huntingSkill'),
    Dog: subtype('packSize'),
    Envelope: { type: 'object', properties: { pet: { $ref: '#/components/schemas/Pet' } } },
  }

  it.each(['Pet', 'Envelope'])('shows the fields of subtypes that extend a parent by allOf: %s', async (name) => {
    const text = JSON.stringify(await bodySchema({ $ref: `#/components/schemas/${name}` }, { schemas }))
    expect(text).toContain('huntingSkill')
    expect(text).toContain('packSize')
    expect(text).toContain('petType')
  })

  it('extends the parent itself, without a schema that leads to itself', async () => {
    const { $defs: defs = {} } = (await bodySchema({ $ref: '#/components/schemas/Envelope' }, { schemas })) as {
      $defs?: Record<string, unknown>
    }
    expect(Object.keys(defs)).toContain('Pet')
    for (const schema of Object.values(defs)) expect(JSON.stringify(schema)).not.toContain('#/$defs/Pet')
  })

  it('is found behind references with escaped and encoded names', async () => {
    const target = {
      '/b/{id}': {
        post: {
          requestBody: { content: { 'application/json': { schema: { type: 'object', properties: { deep: {} } } } } },
          parameters: [{ name: 'id', in: 'path', schema: {} }],
          ...answer,
        },
      },
    }
    const ref = '#/paths/~1b~1%7Bid%7D/post/requestBody/content/application~1json/schema'
    expect(JSON.stringify(await bodySchema({ $ref: ref }, {}, target))).toContain('deep')
    const odd = { schemas: { 'Foo/Bar~Baz[T]': { type: 'object', properties: { odd: {} } } } }
    expect(JSON.stringify(await bodySchema({ $ref: '#/components/schemas/Foo~1Bar~0Baz%5BT%5D' }, odd))).toContain(
      'odd',
    )
  })
})

describe('the schema of a tool', () => {
  /** Every schema refers to the next ones, and each has long texts, as in Kubernetes' document. */
  const heavy = documentOf(
    {
      '/pods': {
        post: {
          operationId: 'createPod',
          requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } } },
          ...answer,
        },
      },
    },
    {
      components: {
        schemas: Object.fromEntries(
          Array.from({ length: 120 }, (_, n) => [
            `S${n}`,
            {
              type: 'object',
              description: 'd'.repeat(600),
              required: ['p0'],
              properties: Object.fromEntries(
                Array.from({ length: 12 }, (_unused, k) => [
                  `p${k}`,
                  k < 3 && n + k < 118
                    ? { $ref: `#/components/schemas/S${n + k + 1}` }
                    : { type: 'string', description: 't'.repeat(400) },
                ]),
              ),
            },
          ]),
        ),
      },
    },
  )

  it('stays below 40 KB by shortening texts first, and every reference resolves', async () => {
    const { operations, schemas } = await readOperations(heavy)
    const [operation] = operations
    if (operation === undefined) throw new Error('no operation')
    const schema = createToolSchemas(schemas).inputSchema(operation)
    const text = JSON.stringify(schema)
    expect(text.length).toBeLessThanOrEqual(40_000)
    const defs = schema['$defs'] as Record<string, unknown>
    expect(Object.keys(defs).length).toBeGreaterThan(10)
    for (const [, name] of text.matchAll(/"#\/\$defs\/([^"]+)"/g)) expect(defs).toHaveProperty(String(name))
    expect(schema).toMatchObject({ properties: { body: { type: 'object', required: ['p0'] } } })
  })

  it('is stored once for all operations that share it', async () => {
    const paths = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [
        `/r${n}`,
        {
          post: {
            requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } } },
            ...answer,
          },
        },
      ]),
    )
    const { components } = JSON.parse(heavy) as { components: object }
    const once = createCatalog(await readOperations(heavy))
    const shared = createCatalog(await readOperations(documentOf(paths, { components })))
    expect(JSON.stringify(shared).length).toBeLessThan(JSON.stringify(once).length + 30_000)
  })

  it('marks the operation as changed if it changes at any depth', async () => {
    const before = createCatalog(await readOperations(heavy))
    const changed = JSON.parse(heavy) as { components: { schemas: Record<string, { description: string }> } }
    const far = changed.components.schemas['S100']
    if (far === undefined) throw new Error('no schema')
    far.description = 'now another'
    const now = createCatalog(await readOperations(JSON.stringify(changed)))
    expect(catalogChanges(before, now)).toEqual({ operations: 1, added: [], removed: [], changed: ['createPod'] })
    expect(catalogChanges(before, before).changed).toEqual([])
  })

  it('can be built from a chain of 20,000 references', async () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, n) => [
        `S${n}`,
        { type: 'object', properties: { next: { $ref: `#/components/schemas/S${n + 1}` } } },
      ]),
    )
    const body = { content: { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } } }
    const read = await readOperations(
      documentOf({ '/a': { post: { requestBody: body, ...answer } } }, { components: { schemas } }),
    )
    const [operation] = read.operations
    if (operation === undefined) throw new Error('no operation')
    expect(JSON.stringify(createToolSchemas(read.schemas).inputSchema(operation)).length).toBeLessThan(40_000)
  })
})
