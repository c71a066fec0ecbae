import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exactJson } from '../../src/engine/text/exact-json.ts'
import { createCallReply } from '../../src/engine/mcp-upstreams/http/call-reply.ts'
import { startMcpHttpServer, type McpHttpServer, type Seen } from './support/http-server.ts'
import { openMcpRoom, quietClient, textOf, type McpRoom } from './support/mcp-room.ts'

let room: McpRoom
let server: McpHttpServer

beforeEach(async () => {
  room = await openMcpRoom()
  server = await startMcpHttpServer(['legacy', 'modern'])
  await room.add('up', { kind: 'mcp', url: server.url })
})
afterEach(async () => {
  await room[Symbol.asyncDispose]()
  await server.close()
})

const call = (client = quietClient(), signal?: AbortSignal) =>
  room.mcp
    .openSession('up', client)
    .request('tools/call', { name: 'echo', arguments: {} }, signal === undefined ? {} : { signal })

const resultOf = (id: unknown, text = 'done', more: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }], ...more } })

/** Answers each tool call this way, and returns the calls. */
function answer(how: (response: ServerResponse, request: Seen) => void): void {
  server.intercept = (request, response) => {
    if (request.rpc !== 'tools/call') return false
    how(response, request)
    return true
  }
}
const calls = (): Seen[] => server.seen.filter(({ rpc }) => rpc === 'tools/call')
const sendEvents = (response: ServerResponse, text: string): void =>
  void response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).end(text)

describe('the response to a call is found', () => {
  const text = 'é € 😀'
  it.each<[string, string, (message: string) => string]>([
    ['in JSON', 'application/json', (message) => message],
    ['in JSON with a charset', 'Application/JSON; charset=utf-8', (message) => message],
    ['in an array of messages', 'application/json', (message) => `[${message}]`],
    ['in JSON with a byte order mark', 'application/json', (message) => `\uFEFF${message}`],
    ['in an event', 'text/event-stream', (message) => `data: ${message}\n\n`],
    ['in an event with CRLF', 'text/event-stream', (message) => `event: message\r\ndata:${message}\r\n\r\n`],
    ['in an event with CR', 'text/event-stream', (message) => `id: 7\rdata: ${message}\r\r: end\r\r`],
    ['in an event after a byte order mark', 'text/event-stream', (message) => `\uFEFFdata: ${message}\n\n`],
    [
      'in an event of several lines',
      'text/event-stream',
      (message) => `data: ${message.replace(',', ',\ndata: ')}\n\n`,
    ],
    [
      'among comments, other events and messages that are not JSON-RPC',
      'text/event-stream',
      (message) => `: ping\n\nevent: other\ndata: {}\n\ndata: {"id":1}\n\ndata: no\n\ndata: ${message}\n\n: end\n\n`,
    ],
  ])('%s, however it is cut into pieces', async (_where, type, write) => {
    for (const size of [1, 7, 4096]) {
      answer((response, { body }) => {
        const bytes = Buffer.from(write(resultOf(body.id, text, { _meta: { a: 1 } })))
        response.writeHead(200, { 'content-type': type })
        for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size))
        response.end()
      })
      const result = await call()
      expect(textOf(result)).toBe(text)
      expect(result['_meta']).toEqual({ a: 1 })
    }
  })

  it('with a whole number beyond 2^53, unchanged', async () => {
    answer((response, { body }) => {
      const message = resultOf(body.id, 'n', { structuredContent: { id: 0 } }).replace(
        '"id":0',
        '"id":9007199254740993',
      )
      response.writeHead(200, { 'content-type': 'application/json' }).end(message)
    })
    expect((await call())['structuredContent']).toEqual({ id: 9_007_199_254_740_993n })
  })

  it.each([
    ['among structured values', '{"content":[],"structuredContent":[{"id":9007199254740993}]}'],
    ['in a content block of an unknown type', '{"content":[{"type":"rows","id":9007199254740993}]}'],
  ])('with a whole number beyond 2^53 %s', async (_where, result) => {
    answer((response, { body }) => {
      const message = `{"jsonrpc":"2.0","id":${String(body.id)},"result":${result}}`
      response.writeHead(200, { 'content-type': 'application/json' }).end(message)
    })
    expect(exactJson(await call())).toContain('9007199254740993')
  })

  it('as an error with its code and data', async () => {
    answer((response, { body }) => {
      const message = { jsonrpc: '2.0', id: body.id, error: { code: -32_000, message: 'No.', data: { why: 1 } } }
      sendEvents(response, `data: ${JSON.stringify(message)}\n\n`)
    })
    await expect(call()).rejects.toMatchObject({ code: -32_000, message: 'No.', data: { why: 1 } })
  })
})

describe('an event stream', () => {
  it.each([
    ['ends', (response: ServerResponse) => void response.end()],
    ['breaks', (response: ServerResponse) => void response.destroy()],
  ])('that %s before the response is resumed after its last event, without a second call', async (_how, stop) => {
    let id: unknown
    server.intercept = (request, response) => {
      if (request.headers['last-event-id'] !== undefined) {
        sendEvents(response, `data: ${resultOf(id, 'resumed')}\n\n`)
        return true
      }
      if (request.rpc !== 'tools/call') return false
      id = request.body.id
      const start = 'retry: 1\nid: one\ndata: \n\nid: two\ndata: {"jsonrpc":"2.0","method":"notifications/message"}\n\n'
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(start, () => stop(response))
      return true
    }
    expect(textOf(await call())).toBe('resumed')
    const [sent] = calls()
    expect(calls()).toHaveLength(1)
    const resumed = server.seen.filter(({ headers }) => headers['last-event-id'] !== undefined)
    expect(resumed).toHaveLength(1)
    expect(resumed[0]?.headers).toMatchObject({
      'last-event-id': 'two',
      'mcp-session-id': sent?.headers['mcp-session-id'],
      'mcp-protocol-version': '2025-11-25',
    })
  })

  it.each([
    ['ends', (response: ServerResponse) => void response.end()],
    ['breaks', (response: ServerResponse) => void response.destroy()],
  ])('without event IDs that %s before the response fails the call, which is not repeated', async (_how, stop) => {
    answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n', () => stop(response))
    })
    await expect(call()).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
      message: expect.stringContaining('closed the connection'),
    })
    expect(calls()).toHaveLength(1)
  })

  it('carries notifications, progress and requests of the upstream before the response', async () => {
    const asked: string[] = []
    const client = quietClient({
      capabilities: { elicitation: {} },
      request: async (method) => {
        asked.push(method)
        return { action: 'decline' }
      },
    })
    let finish: (() => void) | null = null
    server.intercept = (request, response) => {
      if (request.body?.id === 'question') {
        response.writeHead(202).end()
        finish?.()
        return true
      }
      if (request.rpc !== 'tools/call') return false
      const token = request.body.params._meta.progressToken
      const events = [
        { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'started' } },
        { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: token, progress: 1 } },
        { jsonrpc: '2.0', id: 'question', method: 'elicitation/create', params: { message: 'Go on?' } },
      ]
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''))
      finish = () => void response.end(`data: ${resultOf(request.body.id)}\n\n`)
      return true
    }
    const progress: unknown[] = []
    const session = room.mcp.openSession('up', client)
    const result = await session.request(
      'tools/call',
      { name: 'echo', arguments: {} },
      { onProgress: (one) => void progress.push(one) },
    )
    expect(textOf(result)).toBe('done')
    expect(client.told).toContainEqual({ method: 'notifications/message', params: { level: 'info', data: 'started' } })
    expect(progress).toEqual([{ progress: 1 }])
    expect(asked).toEqual(['elicitation/create'])
  })
})

describe('a call is sent once', () => {
  it.each<[string, string, (response: ServerResponse) => void]>([
    ['a failure', 'failed (HTTP 500)', (response) => void response.writeHead(500).end('broken')],
    ['a rate limit', 'rate limiting', (response) => void response.writeHead(429).end()],
    ['a denial', 'denied access', (response) => void response.writeHead(403).end()],
    [
      'a web page',
      "didn't respond like an MCP server",
      (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    ],
    [
      'text that is not JSON',
      "didn't respond like an MCP server",
      (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc"'),
    ],
    ['a redirect', 'redirects (HTTP 307)', (response) => void response.writeHead(307, { location: '/other' }).end()],
    [
      'a compressed response',
      'compressed its response',
      (response) =>
        void response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('x'),
    ],
    [
      'a broken JSON response',
      'the server closed the connection',
      (response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
          .write('{', () => response.destroy()),
    ],
    [
      'a broken error response',
      '',
      (response) => void response.writeHead(500, { 'content-length': '100' }).write('{', () => response.destroy()),
    ],
  ])('if the response is %s', async (_what, sentence, how) => {
    answer(how)
    await expect(call()).rejects.toMatchObject({ code: 'UPSTREAM_ERROR', message: expect.stringContaining(sentence) })
    expect(calls()).toHaveLength(1)
  })

  it('if the response is a JSON-RPC error with an HTTP status', async () => {
    answer((response, { body }) => {
      const message = { jsonrpc: '2.0', id: body.id, error: { code: -32_602, message: 'Wrong.', data: 1 } }
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(message))
    })
    for (const client of [quietClient(), quietClient({ prefers: 'modern' })])
      await expect(call(client)).rejects.toMatchObject({ code: -32_602, message: 'Wrong.', data: 1 })
    expect(calls()).toHaveLength(2)
  })
})

describe('a canceled call ends its exchange', () => {
  it.each([
    ['before the response', () => undefined],
    [
      'in JSON',
      (response: ServerResponse) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
    ],
    [
      'in an event stream',
      (response: ServerResponse) =>
        void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 1\ndata: \n\n'),
    ],
    ['in an error', (response: ServerResponse) => void response.writeHead(500).write('broken')],
  ])('%s', async (_when, how) => {
    const arrived = Promise.withResolvers<ServerResponse>()
    answer((response) => {
      how(response)
      arrived.resolve(response)
    })
    const controller = new AbortController()
    const failed = expect(call(quietClient(), controller.signal)).rejects.toThrow('enough')
    const response = await arrived.promise
    const closed = once(response, 'close')
    controller.abort(new Error('enough'))
    await failed
    await closed
    expect(server.seen.filter(({ headers }) => headers['last-event-id'] !== undefined)).toEqual([])
  })

  it('if the session is closed', async () => {
    const arrived = Promise.withResolvers<ServerResponse>()
    answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 1\ndata: \n\n')
      arrived.resolve(response)
    })
    const session = room.mcp.openSession('up', quietClient())
    const failed = expect(session.request('tools/call', { name: 'echo' })).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
    })
    const closed = once(await arrived.promise, 'close')
    await session.close()
    await failed
    await closed
  })
})

it('a tool name that no header can contain is encoded in it', async () => {
  server.tools = [{ name: 'größe', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }]
  await room.add('foreign', { kind: 'mcp', url: server.url })
  const session = room.mcp.openSession('foreign', quietClient({ prefers: 'modern' }))
  await session.request('tools/call', { name: 'größe', arguments: {} })
  expect(calls()[0]?.headers).toMatchObject({
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': `=?base64?${Buffer.from('größe').toString('base64')}?=`,
  })
})

it.each(['application/json', 'text/event-stream'])('a message that never ends is rejected (%s)', async (type) => {
  const aborted: Error[] = []
  const { handler, done } = createCallReply({
    id: 1,
    origin: 'http://127.0.0.1',
    scrubber: () => null,
    deliver: () => undefined,
    parse: () => null,
  })
  handler.onConnect?.((reason) => void aborted.push(reason as Error))
  handler.onHeaders?.(200, [Buffer.from('Content-Type'), Buffer.from(type)], () => undefined, 'OK')
  const piece = Buffer.alloc(1024 * 1024, 'z')
  for (let sent = 0; aborted.length === 0 && sent < 70; sent += 1) handler.onData?.(piece)
  expect(aborted[0]).toMatchObject({ message: 'sent a message larger than 64 MiB' })
  const ended = expect(done)
  handler.onError?.(aborted[0] as Error)
  if (type === 'application/json') await ended.rejects.toThrow('larger than 64 MiB')
  else await ended.resolves.toBeNull()
})
