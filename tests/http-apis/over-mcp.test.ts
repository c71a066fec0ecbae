import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterEach, expect, it } from 'vitest'
import { startTestEngine } from '../support/start-test-engine.ts'
import { propertyManagementApi, smallApi } from './support/openapi-documents.ts'
import { startHttpUpstream } from './support/start-http-upstream.ts'

const KEY = 'canary-over-mcp-51'
const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})
const kept = <T extends AsyncDisposable>(one: T): T => {
  open.push(one)
  return one
}

async function rigWith(document: object, rules?: { path: string; permission: 'read' | 'write' | 'schema' }[]) {
  const upstream = kept(await startHttpUpstream())
  const engine = kept(await startTestEngine({ sample: false }))
  const { owner } = engine
  await owner.projects.create({ name: 'stays' })
  await owner.connections.create({
    name: 'api',
    project: 'stays',
    secret: { value: KEY },
    config: {
      kind: 'http',
      url: upstream.url,
      auth: { type: 'bearer' },
      openapi: { source: { text: JSON.stringify(document) } },
      ...(rules === undefined ? {} : { rules }),
    },
  })
  upstream.seen.length = 0
  const clientFor = async (grants: Parameters<typeof owner.tokens.create>[0]['grants']) => {
    const { secret } = await owner.tokens.create({
      project: 'stays',
      name: `t${Math.random()}`,
      kind: 'access',
      ...(grants === undefined ? {} : { grants }),
    })
    const client = new Client({ name: 'test', version: '1' })
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${engine.url}/projects/stays/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${secret}` } },
      }),
    )
    kept({ [Symbol.asyncDispose]: () => client.close() })
    return client
  }
  return { upstream, engine, owner, clientFor }
}

const operationsIn = (tools: { name: string }[]) =>
  tools.map((one) => one.name).filter((name) => name.startsWith('api__'))

it("operations outside a token's grants are neither listed nor called", async () => {
  const { upstream, clientFor } = await rigWith(smallApi())
  const reader = await clientFor([{ connection: 'api', permissions: ['read'] }])
  expect(operationsIn((await reader.listTools()).tools)).toEqual(['api__listListings', 'api__getListing'])
  const refused = await reader
    .callTool({ name: 'api__createListing', arguments: { body: { name: 'a' } } })
    .catch((thrown: Error) => thrown)
  expect(JSON.stringify(refused instanceof Error ? refused.message : refused)).toMatch(
    /doesn't have the write permission|Unknown tool|can't use/,
  )
  const narrow = await clientFor([{ connection: 'api', permissions: ['read', 'write'], tools: ['get*'] }])
  expect(operationsIn((await narrow.listTools()).tools)).toEqual(['api__getListing'])
  expect(upstream.seen).toEqual([])
})

it("an agent lists an API's operations, calls one, and requests a session token for the rest", async () => {
  const { upstream, engine, owner, clientFor } = await rigWith(smallApi())
  const client = await clientFor([{ connection: 'api', permissions: ['read', 'write'] }])
  const result = await client.callTool({ name: 'api__getListing', arguments: { id: '7' } })
  expect(result).toMatchObject({ content: [{ type: 'text', text: '{"ok":true}' }] })
  expect(upstream.seen[0]).toMatchObject({ url: '/listings/7', headers: { authorization: `Bearer ${KEY}` } })
  const listed = await client.callTool({ name: 'list_connections', arguments: {} })
  expect(listed.structuredContent).toMatchObject({
    connections: [{ name: 'api', kind: 'http', permissions: ['read', 'write'] }],
  })
  const told = await client.callTool({ name: 'get_proxy_documentation', arguments: {} })
  expect(JSON.stringify(told.structuredContent)).toContain('/api/v1/http/{connection}/{path}')
  const minted = await client.callTool({
    name: 'request_session_token',
    arguments: { connection: 'api', permissions: ['read'], resources: ['/listings/*'] },
  })
  const { token, proxy_url: proxyUrl } = minted.structuredContent as { token: string; proxy_url: string }
  expect(proxyUrl).toBe(`${engine.url}/api/v1/http/api`)
  const ask = (path: string, method = 'GET') =>
    fetch(`${proxyUrl}${path}`, { method, headers: { authorization: `Bearer ${token}` } })
  expect((await ask('/listings/5')).status).toBe(200)
  for (const [path, method] of [
    ['/listings', 'GET'],
    ['/listingsx/5', 'GET'],
    ['/owners/1', 'GET'],
    ['/listings/5', 'DELETE'],
  ] as const)
    expect((await ask(path, method)).status).toBe(403)
  const rows = await owner.requests.list({ connection: 'api' })
  expect(
    rows.some(
      (row) =>
        row.transport === 'mcp-http' &&
        row.method === 'api__getListing' &&
        row.resource === '/listings/7' &&
        row.status === 200,
    ),
  ).toBe(true)
  expect(
    rows.some(
      (row) => row.transport === 'http' && row.method === 'GET' && row.resource === '/listings/5' && row.status === 200,
    ),
  ).toBe(true)
  expect(JSON.stringify(rows)).not.toContain(KEY)
})

it('lists three hundred operations together, under distinct names', async () => {
  const { clientFor } = await rigWith(propertyManagementApi(300))
  const client = await clientFor([{ connection: 'api', permissions: ['read', 'write'] }])
  const names: string[] = []
  let cursor: string | undefined
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor })
    names.push(...operationsIn(page.tools))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  expect(new Set(names).size).toBe(300)
})
