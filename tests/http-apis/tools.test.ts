import type { Principal } from '../../src/engine/access/principal.ts'
import { afterEach, describe, expect, it } from 'vitest'
import type { Grant } from '../../src/contract/grants.ts'
import type { CallOrigin } from '../../src/engine/calls/running-call.ts'
import { createCatalog, readOperations } from '../../src/engine/http-apis/openapi/document/catalog.ts'
import { smallApi } from './support/openapi-documents.ts'
import { SECRET, startHttpApiRig, type HttpApiRig } from './support/start-http-api-rig.ts'
import { startHttpUpstream } from './support/start-http-upstream.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})
const kept = <T extends AsyncDisposable>(one: T): T => {
  open.push(one)
  return one
}

async function rigWith(document: object = smallApi(), more: object = {}) {
  const upstream = kept(await startHttpUpstream())
  const rig = kept(
    await startHttpApiRig({ url: `${upstream.url}/v1`, auth: { type: 'header', name: 'X-API-Key' }, ...more }),
  )
  rig.connections.storeCatalog('api', createCatalog(await readOperations(JSON.stringify(document))))
  return { upstream, rig }
}

async function principalOf(rig: HttpApiRig, grants?: Grant[]) {
  if (grants === undefined) return rig.access.identify(rig.accessToken)
  return rig.access.identify(
    (await rig.access.createToken({ project: 'demo', name: `t${Math.random()}`, kind: 'access', grants })).secret ?? '',
  )
}

async function call(rig: HttpApiRig, name: string, args: Record<string, unknown> = {}, asked?: Principal) {
  const principal = asked ?? (await principalOf(rig))
  const tool = rig.tools.tools('api').find((one) => one.definition.name === name)
  if (tool === undefined) throw new Error(`no tool ${name}`)
  const origin: CallOrigin = {
    requestId: 'r1',
    transport: 'mcp-http',
    client: 'test/1',
    signal: new AbortController().signal,
    bytesIn: 10,
  }
  return rig.tools.call({ principal, tool, args, origin }) as Promise<{
    content: { type: string; text?: string; [key: string]: unknown }[]
    isError?: boolean
  }>
}

describe('a call of an operation', () => {
  it.each([
    [
      'the permission',
      [{ connection: 'api', permissions: ['read'] }] as Grant[],
      'api__createListing',
      { body: { name: 'a' } },
      /doesn't have the write permission/,
    ],
    [
      'the tool',
      [{ connection: 'api', permissions: ['read', 'write'], tools: ['get*'] }] as Grant[],
      'api__listListings',
      {},
      /can't use tool/,
    ],
    [
      'the path',
      [{ connection: 'api', permissions: ['read', 'write'], paths: ['/listings/5'] }] as Grant[],
      'api__getListing',
      { id: '6' },
      /for path "\/listings\/6"/,
    ],
    [
      'all of them in one grant',
      [
        { connection: 'api', permissions: ['read'], tools: ['createListing'] },
        { connection: 'api', permissions: ['write'], tools: ['listListings'] },
      ] as Grant[],
      'api__createListing',
      { body: { name: 'a' } },
      /doesn't have the write permission|can't use/,
    ],
    ['the connection', [] as Grant[], 'api__listListings', {}, /not in scope/],
  ])('is denied for a token that lacks %s, logged, and not sent', async (_, grants, name, args, sentence) => {
    const { upstream, rig } = await rigWith()
    await expect(call(rig, name, args, await principalOf(rig, grants))).rejects.toThrow(sentence)
    expect(upstream.seen).toEqual([])
    expect(rig.rows.at(-1)).toMatchObject({
      method: name,
      connection: 'api',
      outcome: { status: 403, code: 'UNAUTHORIZED' },
    })
  })

  it('is denied for a token without the permission before its fields are read', async () => {
    const { rig } = await rigWith()
    await expect(
      call(
        rig,
        'api__createListing',
        { nonsense: 1 },
        await principalOf(rig, [{ connection: 'api', permissions: ['read'] }]),
      ),
    ).rejects.toThrow(/doesn't have the write permission/)
  })

  it.each([
    ['an unknown field', 'api__listListings', { page: 1 }, { code: 'INVALID_REQUEST' }],
    ['a missing part of the path', 'api__getListing', {}, { field: 'id' }],
    ['a missing body', 'api__createListing', {}, { field: 'body' }],
    ['an object for a plain value', 'api__listListings', { tags: [{ a: 1 }] }, { field: 'tags' }],
    ['an empty part of the path', 'api__getListing', { id: '' }, { field: 'id' }],
    ['a slash in a part of the path', 'api__getListing', { id: '../admin' }, { field: 'id' }],
    ['an encoded slash', 'api__getListing', { id: '..%2fadmin' }, { field: 'path' }],
    ['dots', 'api__getListing', { id: '..' }, { field: 'id' }],
    ['a backslash', 'api__getListing', { id: '..\\admin' }, { field: 'id' }],
    ['dots with a parameter', 'api__getListing', { id: '..;x' }, { field: 'path' }],
    ['a line break in the path', 'api__getListing', { id: 'a\r\nX: y' }, { field: 'path' }],
    ['a line break in a header', 'api__listListings', { 'X-Trace': 'a\r\nX-Evil: 1' }, { field: 'X-Trace' }],
    ['half a character', 'api__getListing', { id: '\uD800' }, { field: 'id' }],
  ])('with %s is rejected by its field, logged, and not sent', async (_, name, args, error) => {
    const { upstream, rig } = await rigWith()
    await expect(call(rig, name, args)).rejects.toMatchObject({ code: 'INVALID_REQUEST', ...error })
    expect(upstream.seen).toEqual([])
    expect(rig.rows.at(-1)).toMatchObject({ method: name, outcome: { status: 400, code: 'INVALID_REQUEST' } })
    expect((await rig.ask('/good')).status).toBe(200)
  })

  it('puts each argument in its place, and adds the key where it belongs', async () => {
    const { upstream, rig } = await rigWith()
    await call(rig, 'api__listListings', { limit: 3, tags: ['sea view', 'a&b'], filter_city: 'Porto', 'X-Trace': 't1' })
    expect(upstream.seen.at(-1)).toMatchObject({
      method: 'GET',
      url: '/v1/listings?limit=3&tags=sea%20view&tags=a%26b&filter%5Bcity%5D=Porto',
      headers: { 'x-api-key': SECRET, 'x-trace': 't1' },
    })
    const result = await call(rig, 'api__createListing', { body: { name: 'Casa' } })
    expect(upstream.seen.at(-1)).toMatchObject({
      method: 'POST',
      url: '/v1/listings',
      body: '{"name":"Casa"}',
      headers: { 'content-type': 'application/json', 'content-length': '15' },
    })
    expect(result.content).toEqual([{ type: 'text', text: '{"ok":true}' }])
    await call(rig, 'api__delete_listings_by_id', { id: 'a b' })
    expect(upstream.seen.at(-1)).toMatchObject({ method: 'DELETE', url: '/v1/listings/a%20b' })
    expect(rig.rows.at(-1)).toMatchObject({
      transport: 'mcp-http',
      method: 'api__delete_listings_by_id',
      resource: '/listings/a%20b',
      outcome: { status: 200 },
    })
  })

  it('returns an upstream’s error with its message, without the key', async () => {
    const { upstream, rig } = await rigWith()
    upstream.answer = (request, response) =>
      response
        .writeHead(422, { 'content-type': 'application/json', 'retry-after': '3' })
        .end(JSON.stringify({ detail: `bad name, key ${String(request.headers['x-api-key'])}` }))
    const result = await call(rig, 'api__createListing', { body: { name: 'a' } })
    expect(result.isError).toBe(true)
    const text = JSON.stringify(result)
    expect(text).toContain('bad name')
    expect(text).toContain('HTTP status 422. Try again in 3 s.')
    expect(text).not.toContain(SECRET)
  })

  it('returns images as images, bytes as a resource, an empty body as its status, and truncates long bodies', async () => {
    const { upstream, rig } = await rigWith()
    const answerWith = (type: string, body: Buffer | string, status = 200) => {
      upstream.answer = (_request, response) => response.writeHead(status, { 'content-type': type }).end(body)
      return call(rig, 'api__listListings')
    }
    expect((await answerWith('image/png', Buffer.from([1, 2, 3]))).content[0]).toEqual({
      type: 'image',
      data: 'AQID',
      mimeType: 'image/png',
    })
    expect((await answerWith('application/pdf', Buffer.from([1, 2, 255]))).content[0]).toMatchObject({
      type: 'resource',
      resource: { mimeType: 'application/pdf', blob: 'AQL/' },
    })
    expect((await answerWith('text/plain', '', 204)).content).toEqual([{ type: 'text', text: 'HTTP status 204.' }])
    const long = await answerWith('text/plain', 'x'.repeat(3 * 1024 * 1024))
    expect(long.isError).toBeUndefined()
    expect(long.content[0]?.text).toHaveLength(1024 * 1024)
    expect(long.content[1]?.text).toContain('request_session_token')
    expect(rig.rows.at(-1)).toMatchObject({ outcome: { status: 200 } })
  })
})

describe('the tools of an HTTP API', () => {
  it('are one per operation, with its arguments', async () => {
    const { rig } = await rigWith()
    const tools = rig.tools.tools('api')
    expect(tools.map((one) => [one.definition.name, one.demand.permission])).toEqual([
      ['api__listListings', 'read'],
      ['api__createListing', 'write'],
      ['api__getListing', 'read'],
      ['api__delete_listings_by_id', 'write'],
    ])
    expect(tools[0]?.definition).toMatchObject({
      title: 'List listings',
      annotations: { readOnlyHint: true },
      inputSchema: { type: 'object', additionalProperties: false },
    })
    expect(tools[1]?.definition).toMatchObject({
      inputSchema: { required: ['body'], properties: { body: { required: ['name'] } } },
      annotations: { readOnlyHint: false, destructiveHint: false },
    })
    expect(rig.tools.tools('api')).toBe(tools)
  })

  it('follow the rules', async () => {
    const { rig } = await rigWith(smallApi(), {
      rules: [
        { methods: ['POST'], path: '/listings', permission: 'read' },
        { path: '/listings/{id}', permission: 'schema' },
      ],
    })
    expect(rig.tools.tools('api').map((one) => one.demand.permission)).toEqual(['read', 'read', 'schema', 'schema'])
  })

  it('leave out arguments that the connection sends itself', async () => {
    const document = smallApi()
    document.paths['/listings'].get.parameters.push(
      { name: 'X-API-Key', in: 'header', schema: { type: 'string' } },
      { name: 'Forwarded', in: 'header', schema: { type: 'string' } },
    )
    const { rig } = await rigWith(document)
    expect(JSON.stringify(rig.tools.tools('api')[0]?.definition)).not.toMatch(/X-API-Key|Forwarded/)
  })

  it('have names of at most 47 plain characters, and schemas whose keys every provider accepts', async () => {
    const { rig } = await rigWith({
      openapi: '3.0.0',
      info: { title: 'A', version: '1' },
      paths: {
        '/a/{b}': {
          get: {
            operationId: 'x'.repeat(200),
            parameters: [
              { name: 'b', in: 'path', schema: {} },
              { name: 'b', in: 'query', schema: {} },
              { name: 'filter[a b]', in: 'query', schema: {} },
              { name: '$é', in: 'query', schema: {} },
            ],
            responses: {},
          },
        },
      },
    })
    const [tool] = rig.tools.tools('api')
    expect(tool?.definition.name).toMatch(/^api__x+_[0-9a-f]{8}$/)
    expect(tool?.definition.name).toHaveLength(47)
    const schema = tool?.definition['inputSchema'] as { properties: object } | undefined
    const keys = Object.keys(schema?.properties ?? {})
    expect(keys).toHaveLength(4)
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9_.-]{1,64}$/)
  })

  it('are announced to listeners when they change', async () => {
    const { rig } = await rigWith()
    const told: string[] = []
    const stop = rig.tools.onChange((name) => void told.push(name))
    await rig.connections.refresh('api', { ids: ['getListing'] }, new AbortController().signal)
    expect(told).toEqual(['api'])
    expect(rig.tools.tools('api').map((one) => one.definition.name)).toEqual(['api__getListing'])
    stop()
  })
})
