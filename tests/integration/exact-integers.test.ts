import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHttpUpstream, type TestUpstream } from '../http-apis/support/start-http-upstream.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'

const BIG = '1234567890123456789'
const ROUNDED = String(Number(BIG))
const OPENAPI = {
  openapi: '3.1.0',
  info: { title: 'Big', version: '1' },
  paths: {
    '/u/{id}': {
      get: {
        operationId: 'getUser',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', format: 'int64' } }],
        responses: { 200: { description: 'ok' } },
      },
    },
    '/many': { get: { operationId: 'getMany', responses: { 200: { description: 'ok' } } } },
    '/u': {
      post: {
        operationId: 'addUser',
        requestBody: {
          content: {
            'application/json': {
              schema: { type: 'object', properties: { id: { type: 'integer' }, nested: { type: 'object' } } },
            },
          },
        },
        responses: { 200: { description: 'ok' } },
      },
    },
  },
}

/** Raw texts, because a test that parsed them would round the numbers itself. */
describe('a whole number beyond 2^53', { timeout: 60_000 }, () => {
  let folder: string
  let engine: TestEngine
  let upstream: TestUpstream
  let token: string
  let mcp: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hallpass-exact-'))
    const path = join(folder, 'big.sqlite')
    const db = new Database(path)
    db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, name TEXT); INSERT INTO t VALUES (${BIG}, ${BIG}, 'x')`)
    db.close()
    upstream = await startHttpUpstream({
      answer(received, response) {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(
          received.url === '/many'
            ? `[${Array.from({ length: 3000 }, () => `{"id":${BIG},"name":"somebody"}`).join(',')}]`
            : `{"id":${BIG}}`,
        )
      },
    })
    engine = await startTestEngine({ sample: false })
    const { owner } = engine
    await owner.projects.create({ name: 'p' })
    await owner.connections.create({ name: 'doc', project: 'p', config: { kind: 'sqlite', path } })
    await owner.connections.create({
      name: 'api',
      project: 'p',
      config: { kind: 'http', url: upstream.url, openapi: { source: { text: JSON.stringify(OPENAPI) } } },
    })
    token = (await owner.tokens.create({ project: 'p', name: 't', kind: 'access', clone: true })).secret ?? ''
    mcp = `${engine.url}/projects/p/mcp`
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await upstream?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  async function session(connection: string): Promise<string> {
    const reply = await fetch(`${engine.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ connection, permissions: ['read', 'write'] }),
    })
    return ((await reply.json()) as { token: string }).token
  }
  async function proxy(body: string, accept = 'application/json'): Promise<string> {
    const headers = {
      authorization: `Bearer ${await session('doc')}`,
      'content-type': 'application/json',
      accept,
    }
    return (await fetch(`${engine.url}/api/v1/proxy`, { method: 'POST', headers, body })).text()
  }
  async function tool(name: string, args: string, list = false, id = '7'): Promise<string> {
    const headers: Record<string, string> = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    const send = (body: string): Promise<Response> => fetch(mcp, { method: 'POST', headers, body })
    const opened = await send(
      '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}',
    )
    headers['mcp-session-id'] = opened.headers.get('mcp-session-id') ?? ''
    if (list) await (await send('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')).text()
    const params = `{"name":"${name}","arguments":${args}}`
    return (await send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`)).text()
  }
  async function forwarded(path: string, init: RequestInit = {}): Promise<string> {
    const headers = { authorization: `Bearer ${await session('api')}`, 'content-type': 'application/json' }
    return (await fetch(`${engine.url}/api/v1/http/api${path}`, { ...init, headers })).text()
  }
  async function searched(call: () => Promise<string>): Promise<string> {
    await engine.owner.projects.update({ name: 'p', mode: 'search' })
    try {
      return await call()
    } finally {
      await engine.owner.projects.update({ name: 'p', mode: 'all' })
    }
  }

  const get = '{"document":"doc","table":"t"}'
  const query = 'SELECT id, n, max(n) AS top FROM t'
  it.each<[string, () => Promise<string>]>([
    ['get_records through the proxy', () => proxy('{"method":"get_records","table":"t"}')],
    ['sql_query through the proxy', () => proxy(`{"method":"sql_query","query":"${query}"}`)],
    ['a filter by the number', () => proxy(`{"method":"get_records","table":"t","filter":{"n":["${BIG}"]}}`)],
    ['a parameter of a query', () => proxy(`{"method":"sql_query","query":"SELECT ? AS n","params":["${BIG}"]}`)],
    ['a stream of records', () => proxy('{"method":"get_records","table":"t"}', 'application/x-ndjson')],
    ['a stream of a query', () => proxy(`{"method":"sql_query","query":"${query}"}`, 'application/x-ndjson')],
    ['get_records as a tool', () => tool('get_records', get)],
    ['sql_query as a tool', () => tool('sql_query', `{"document":"doc","query":"${query}"}`)],
    ['the tool of an operation', () => tool('api__getUser', `{"id":${BIG}}`)],
    ['a shortened result of an operation', () => tool('api__getMany', '{}', true)],
    ['a forwarded request', () => forwarded('/u/1')],
    [
      'an operation in search mode',
      () => searched(() => tool('call_tool', `{"name":"api__getUser","arguments":{"id":${BIG}}}`)),
    ],
    ['records in search mode', () => searched(() => tool('call_tool', `{"name":"get_records","arguments":${get}}`))],
  ])('is exact in %s', async (_, door) => {
    const text = await door()
    expect(text).toContain(BIG)
    expect(text).not.toContain(ROUNDED)
    expect(text).not.toContain('"isError":true')
    expect(text).not.toContain('"success":false')
  })

  it('is exact in what read_answer returns of a shortened result', async () => {
    const id = /read_answer with id \\?"([\w-]+)/.exec(await tool('api__getMany', '{}', true))?.[1]
    const part = await tool('read_answer', `{"id":"${id}","offset":2998}`)
    expect(part).toContain(BIG)
    expect(part).not.toContain(ROUNDED)
  })

  it.each<[string, () => Promise<string>, string]>([
    ['a path parameter', () => tool('api__getUser', `{"id":${BIG}}`), `/u/${BIG}`],
    [
      'a body',
      () => tool('api__addUser', `{"body":{"id":${BIG},"nested":{"deep":[${BIG}]}}}`),
      `{"id":${BIG},"nested":{"deep":[${BIG}]}}`,
    ],
    ['a forwarded body', () => forwarded('/u', { method: 'POST', body: `{"id":${BIG}}` }), `{"id":${BIG}}`],
  ])('reaches an API exactly in %s', async (_, door, expected) => {
    const before = upstream.seen.length
    await door()
    const seen = upstream.seen.slice(before).map(({ url, body }) => `${url} ${body}`)
    expect(seen.join('\n')).toContain(expected)
  })

  it.each([
    ['add_records', `"records":[{"n":${BIG}}]`, 'records[0].n'],
    ['update_records', `"records":[{"id":${BIG},"fields":{"name":"y"}}]`, 'records[0].id'],
    ['delete_records', `"record_ids":[${BIG}]`, 'record_ids[0]'],
    ['get_records', `"filter":{"n":[${BIG}]}`, 'filter.n'],
  ])('without quotes is rejected by its field in %s, or exact', async (method, fields, field) => {
    const text = await proxy(`{"method":"${method}","table":"t",${fields}}`)
    expect(text).not.toContain(ROUNDED)
    if (text.includes('"success":false')) expect(text).toContain(`"field":"${field}`)
    expect(await proxy('{"method":"sql_query","query":"SELECT id, n, name FROM t"}')).toContain(
      `[{"id":"${BIG}","n":"${BIG}","name":"x"}]`,
    )
  })

  it('as the ID of a request is rejected, and repeated exactly', async () => {
    const text = await tool('get_records', get, false, BIG)
    expect(text).toContain(`"id":${BIG},"error"`)
    expect(text).not.toContain('"result"')
  })
})
