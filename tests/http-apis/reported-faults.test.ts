import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { errorOf, openSession } from '../bridge/support/start-bridge-rig.ts'
import { startHttpUpstream, type TestUpstream } from './support/start-http-upstream.ts'

const json = (schema: object) => ({ required: true, content: { 'application/json': { schema } } })
const query = (name: string, more: object = {}) => ({ name, in: 'query', schema: { type: 'string' }, ...more })
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }
const ok = { 200: { description: 'ok' } }

/** Documents that broke other programs which turn OpenAPI documents into tools, in their smallest form. */
const API = {
  openapi: '3.1.0',
  info: { title: 'Collisions', version: '1' },
  paths: {
    // PrefectHQ/fastmcp#5112
    '/values': {
      post: {
        operationId: 'setValues',
        parameters: [query('values', { required: true })],
        requestBody: json({ title: 'Values', type: 'array', items: { type: 'integer' } }),
        responses: ok,
      },
    },
    // PrefectHQ/fastmcp#1100, tadata-org/fastapi_mcp#319
    '/users/{id}': {
      put: {
        operationId: 'putUser',
        parameters: [id],
        requestBody: json({
          type: 'object',
          required: ['id'],
          properties: { id: { type: 'string' }, name: { type: 'string' } },
        }),
        responses: ok,
      },
    },
    // smithersai/smithers#303
    '/search': {
      post: {
        operationId: 'search',
        parameters: [query('body')],
        requestBody: json({ type: 'object', properties: { q: { type: 'string' } } }),
        responses: ok,
      },
    },
    // valon-technologies/gestalt#276
    '/pages': {
      get: { operationId: 'pages', parameters: [query('page[size]'), query('page_size')], responses: ok },
    },
    // tadata-org/fastapi_mcp#319
    '/bulk': {
      post: {
        operationId: 'bulk',
        requestBody: json({ type: 'array', items: { type: 'object', properties: { n: { type: 'integer' } } } }),
        responses: ok,
      },
    },
    '/word': { put: { operationId: 'word', requestBody: json({ type: 'string' }), responses: ok } },
    // One name in four places.
    '/all/{id}': {
      post: {
        operationId: 'all',
        parameters: [id, query('id'), { name: 'id', in: 'header', schema: { type: 'string' } }],
        requestBody: json({ type: 'object', properties: { id: { type: 'string' } } }),
        responses: ok,
      },
    },
  },
}

describe('documents that broke other programs', { timeout: 60_000 }, () => {
  let engine: TestEngine
  let upstream: TestUpstream
  let session: Awaited<ReturnType<typeof openSession>>
  let tools: Map<string, { inputSchema: { properties: Record<string, any>; required?: string[] } }>

  beforeAll(async () => {
    upstream = await startHttpUpstream()
    engine = await startTestEngine({ sample: false })
    await engine.owner.projects.create({ name: 'p' })
    await engine.owner.connections.create({
      name: 'api',
      project: 'p',
      config: { kind: 'http', url: upstream.url, openapi: { source: { text: JSON.stringify(API) } } },
    })
    const { secret } = await engine.owner.tokens.create({ project: 'p', name: 't', kind: 'access', clone: true })
    session = await openSession(`${engine.url}/projects/p/mcp`, secret ?? '')
    const listed = (await session.send('tools/list')).body?.['result'].tools as { name: string; inputSchema: any }[]
    tools = new Map(listed.map((tool) => [tool.name, tool]))
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await upstream?.[Symbol.asyncDispose]()
  })

  /** Fills every argument of a tool with a value of its own, and returns what arrived. */
  async function sent(name: string, values: (argument: string) => unknown) {
    const properties = Object.keys(tools.get(`api__${name}`)?.inputSchema.properties ?? {})
    const before = upstream.seen.length
    const result = await session.tool(
      `api__${name}`,
      Object.fromEntries(properties.map((argument) => [argument, values(argument)])),
    )
    expect(result?.['result'].isError, JSON.stringify(result)).not.toBe(true)
    const [request] = upstream.seen.slice(before)
    return { properties, url: request?.url ?? '', body: request?.body ?? '', headers: request?.headers ?? {} }
  }

  it('a list as body and a query parameter with its title are both sent', async () => {
    const { properties, url, body } = await sent('setValues', (name) => (name === 'values' ? 'active' : [1, 2]))
    expect(properties).toHaveLength(2)
    expect([url, body]).toEqual(['/values?values=active', '[1,2]'])
  })

  it('an ID in the path and another in the body are both sent', async () => {
    const { properties, url, body } = await sent('putUser', (name) =>
      name === 'id' ? 'p1' : { id: 'b1', name: 'Ann' },
    )
    expect(properties).toHaveLength(2)
    expect([url, JSON.parse(body)]).toEqual(['/users/p1', { id: 'b1', name: 'Ann' }])
  })

  it('a query parameter named body does not replace the body', async () => {
    const seen = tools.get('api__search')?.inputSchema.properties ?? {}
    expect(Object.keys(seen)).toHaveLength(2)
    const { url, body } = await sent('search', (name) => (seen[name].type === 'object' ? { q: 'x' } : 'text'))
    expect([url, JSON.parse(body)]).toEqual(['/search?body=text', { q: 'x' }])
  })

  it('parameters whose names differ only in brackets are both sent', async () => {
    const { properties, url } = await sent('pages', (name) => name)
    expect(properties).toHaveLength(2)
    expect(new URLSearchParams(url.split('?')[1]).getAll('page_size')).toHaveLength(1)
    expect(new URLSearchParams(url.split('?')[1]).getAll('page[size]')).toHaveLength(1)
  })

  it('a body that is a list or a text can be sent', async () => {
    expect((await sent('bulk', () => [{ n: 1 }, { n: 2 }])).body).toBe('[{"n":1},{"n":2}]')
    expect((await sent('word', () => 'hello')).body).toBe('"hello"')
  })

  it('one name in path, query, header and body makes four arguments', async () => {
    const seen = tools.get('api__all')?.inputSchema.properties ?? {}
    const names = Object.keys(seen)
    expect(names).toHaveLength(4)
    const { url, body, headers } = await sent('all', (name) =>
      seen[name].type === 'object' ? { id: 'in-body' } : `v${names.indexOf(name)}`,
    )
    const values = [url.split('/')[2]?.split('?')[0], new URLSearchParams(url.split('?')[1]).get('id'), headers['id']]
    expect(new Set(values).size).toBe(3)
    expect(values.every((value) => /^v\d$/.test(String(value)))).toBe(true)
    expect(JSON.parse(body)).toEqual({ id: 'in-body' })
  })

  it('an argument that the operation does not have is rejected by its name', async () => {
    const result = await session.tool('api__putUser', { id: 'p1', nope: 1 })
    expect(errorOf(result?.['result'])).toMatchObject({ code: 'INVALID_REQUEST' })
  })
})
