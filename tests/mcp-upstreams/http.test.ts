import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startMcpHttpServer, type McpHttpServer } from './support/http-server.ts'
import { openMcpRoom, quietClient, textOf, type McpRoom } from './support/mcp-room.ts'

const KEY = 'hkey-4f1b6d20c9'
let room: McpRoom
const servers: McpHttpServer[] = []
async function serve(...eras: ('legacy' | 'modern')[]): Promise<McpHttpServer> {
  const server = await startMcpHttpServer(eras.length === 0 ? ['legacy'] : eras)
  servers.push(server)
  return server
}
beforeEach(async () => {
  room = await openMcpRoom()
})
afterEach(async () => {
  await room[Symbol.asyncDispose]()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const add = (server: McpHttpServer, key?: string) => room.add('up', { kind: 'mcp', url: server.url }, key)
const echo = (args = {}, client = quietClient()) =>
  room.mcp.openSession('up', client).request('tools/call', { name: 'echo', arguments: args })

describe('adding an upstream rejects an address', () => {
  it('where no server responds', async () => {
    await expect(room.mcp.check({ kind: 'mcp', url: 'http://127.0.0.1:9/mcp' }, undefined)).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
    })
  })
  it('of a server that is not an MCP server', async () => {
    const server = await serve()
    await expect(room.mcp.check({ kind: 'mcp', url: `${server.origin}/elsewhere` }, undefined)).rejects.toThrow(
      /^No MCP server found at .*\/elsewhere.*Check the URL/,
    )
  })
  it('of a web page', async () => {
    const server = await serve()
    server.intercept = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>hello</p>')
      return true
    }
    await expect(room.mcp.check({ kind: 'mcp', url: server.url }, undefined)).rejects.toThrow(/No MCP server found at/)
  })
  it.each([
    [401, /rejected the credentials \(HTTP 401\)/],
    [403, /denied access with these credentials/],
  ])('a key that is rejected with %i', async (status, sentence) => {
    const server = await serve()
    server.intercept = (_request, response) => {
      response.writeHead(status).end()
      return true
    }
    await expect(room.mcp.check({ kind: 'mcp', url: server.url }, undefined)).rejects.toThrow(
      /add --secret-stdin or --secret-ref/,
    )
    await expect(room.add('up', { kind: 'mcp', url: server.url }, KEY)).rejects.toThrow(sentence)
    expect(room.store.read.connections()).toEqual([])
  })
  it('of a server that rejects the key over the older transport', async () => {
    const server = await serve()
    server.intercept = (request, response) => {
      response.writeHead(request.method === 'GET' ? 401 : 404).end()
      return true
    }
    await expect(room.mcp.check({ kind: 'mcp', url: server.url }, undefined)).rejects.toThrow(
      /rejected the credentials.*add --secret-stdin/,
    )
  })
  it('with a header that only Hallpass can set', async () => {
    const server = await serve()
    await expect(
      room.mcp.check({ kind: 'mcp', url: server.url, headers: { 'Mcp-Session-Id': 'plain:x' } }, undefined),
    ).rejects.toThrow('Header mcp-session-id is set by Hallpass')
    expect(server.seen).toEqual([])
  })
})

describe('the key', () => {
  it('is sent in Authorization by default, or in another configured header', async () => {
    const server = await serve()
    await add(server, KEY)
    expect(new Set(server.seen.map((one) => one.headers.authorization))).toEqual(new Set([`Bearer ${KEY}`]))
    const second = await serve()
    await room.add(
      'named',
      { kind: 'mcp', url: second.url, headers: { 'X-Api-Key': 'keychain', 'X-Client': 'plain:hallpass' } },
      KEY,
    )
    expect(second.seen[0]?.headers).toMatchObject({ 'x-api-key': KEY, 'x-client': 'hallpass' })
    expect(second.seen[0]?.headers.authorization).toBeUndefined()
  })

  it('is read again from its reference if the upstream rejects the old value', async () => {
    const server = await serve()
    const file = join(room.home, 'key')
    writeFileSync(file, 'old-key-value', { mode: 0o600 })
    let good = 'old-key-value'
    server.intercept = (request, response) => {
      if (request.headers['x-key'] === good) return false
      response.writeHead(401).end()
      return true
    }
    await room.add('up', { kind: 'mcp', url: server.url, headers: { 'X-Key': `file:${file}` } })
    const session = room.mcp.openSession('up', quietClient())
    await session.opened()
    good = 'new-key-value'
    await expect(session.request('tools/call', { name: 'echo' })).rejects.toThrow('rejected the credentials')
    writeFileSync(file, 'new-key-value', { mode: 0o600 })
    expect(await session.request('tools/call', { name: 'echo' })).toHaveProperty('content')
  })

  it.each([301, 302, 303, 307, 308])(
    'never follows a redirect (%i), neither to another host nor to the same one',
    async (status) => {
      const [server, other] = [await serve(), await serve()]
      await add(server, KEY)
      for (const location of [`${other.origin}/mcp`, '/elsewhere', `//${new URL(other.origin).host}/mcp`]) {
        server.seen.length = 0
        server.intercept = (_request, response) => {
          response.writeHead(status, { location }).end()
          return true
        }
        const failed = await echo().catch((thrown: unknown) => thrown)
        expect(failed).toMatchObject({
          code: 'UPSTREAM_ERROR',
          message: expect.stringMatching(/redirects \(HTTP 3\d\d\).*enter the final URL/),
        })
        expect(server.seen.every((one) => one.path === '/mcp')).toBe(true)
      }
      expect(other.seen).toEqual([])
    },
  )

  it('is never sent to another host that the older transport names as its endpoint', async () => {
    const [server, other] = [await serve(), await serve()]
    server.intercept = (request, response) => {
      if (request.method === 'GET')
        response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .write(`event: endpoint\ndata: ${other.origin}/mcp\n\n`)
      else response.writeHead(405).end()
      return true
    }
    await expect(add(server, KEY)).rejects.toMatchObject({ code: 'UPSTREAM_ERROR' })
    expect(other.seen).toEqual([])
  })

  it('is removed from an error that echoes it', async () => {
    const server = await serve()
    await add(server, KEY)
    for (const echoed of [KEY, Buffer.from(KEY).toString('base64'), encodeURIComponent(KEY), `"${KEY}"`]) {
      server.intercept = (request, response) => {
        response
          .writeHead(500, { 'content-type': 'text/plain' })
          .end(`bad ${echoed} ${String(request.headers.authorization)}`)
        return true
      }
      const failed = (await echo().catch((thrown: unknown) => thrown)) as Error
      expect(failed.message).not.toContain(KEY)
      expect(String((await room.mcp.refreshed('up', AbortSignal.timeout(5000))).problem)).not.toContain(KEY)
    }
    server.intercept = (request, response) => {
      response.writeHead(302, { location: `http://example.com/${KEY}` }).end(request.path)
      return true
    }
    expect(((await echo().catch((thrown: unknown) => thrown)) as Error).message).not.toContain(KEY)
  })

  it('is removed from a result, an error or a stream that echoes it', async () => {
    const server = await serve()
    await add(server, KEY)
    const session = room.mcp.openSession('up', quietClient())
    await session.opened()
    const bearer = `Bearer ${KEY}`
    const reply = (id: unknown) =>
      JSON.stringify({
        jsonrpc: '2.0',
        id,
        result: { content: [{ type: 'text', text: `you sent ${bearer}` }], structuredContent: { key: KEY } },
      })
    const answers: ((id: unknown) => [string, string[]])[] = [
      (id) => ['application/json', [reply(id)]],
      (id) => [
        'application/json',
        [
          JSON.stringify({
            jsonrpc: '2.0',
            id,
            error: {
              code: -32000,
              message: `no right with ${KEY}`,
              data: { [KEY]: Buffer.from(KEY).toString('base64') },
            },
          }),
        ],
      ],
      (id) => ['text/event-stream', [...`data: ${reply(id)}\n\n`]],
    ]
    for (const answer of answers) {
      server.intercept = (request, response) => {
        if (request.rpc !== 'tools/call') return false
        const [type, pieces] = answer(request.body.id)
        response.writeHead(200, { 'content-type': type })
        for (const piece of pieces) response.write(piece)
        response.end()
        return true
      }
      const got = await session
        .request('tools/call', { name: 'echo' })
        .catch((thrown: unknown) => ({ message: (thrown as Error).message, ...(thrown as object) }))
      expect(JSON.stringify(got)).toContain('*'.repeat(KEY.length))
      expect(JSON.stringify(got)).not.toContain(KEY)
      expect(JSON.stringify(got)).not.toContain(Buffer.from(KEY).toString('base64').slice(0, -2))
    }
  })

  it('is never sent to a private address that a host name resolves to, even if it resolved elsewhere before', async () => {
    const server = await serve()
    const { port } = new URL(server.url)
    for (const address of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1']) {
      await using guarded = await openMcpRoom((_name, found) =>
        found(null, [{ address, family: address.includes(':') ? 6 : 4 }]),
      )
      const config = { kind: 'mcp', url: `http://mcp.example.com:${port}/mcp` } as const
      await expect(guarded.add('up', config, KEY)).rejects.toThrow(`mcp.example.com resolves to ${address}`)
      guarded.keep('kept', config)
      await expect(guarded.mcp.openSession('kept', quietClient()).request('tools/list')).rejects.toThrow(
        `resolves to ${address}`,
      )
    }
    expect(server.seen).toEqual([])
    await using pinned = await openMcpRoom((_name, found) => found(null, [{ address: '127.0.0.1', family: 4 }]))
    await pinned.add('up', { kind: 'mcp', url: `http://mcp.example.com:${port}/mcp`, pin: true }, KEY)
    expect(server.seen[0]?.headers.host).toBe(`mcp.example.com:${port}`)
  })
})

describe('protocol versions', () => {
  it('Hallpass sends a server of 2026-07-28 the envelope and headers of that version', async () => {
    const server = await serve('modern')
    await add(server)
    expect(room.mcp.catalog('up')).toMatchObject({
      era: 'modern',
      protocolVersion: '2026-07-28',
      serverInfo: { version: '2' },
    })
    server.seen.length = 0
    const params = JSON.parse(
      textOf(await echo({ region: 'Zürich' }, quietClient({ capabilities: { elicitation: {} } }))),
    ) as { _meta: object }
    expect(params._meta).toEqual({
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
    })
    const call = server.seen.find((one) => one.rpc === 'tools/call')
    expect(call?.headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'echo',
      'mcp-param-region': `=?base64?${Buffer.from('Zürich').toString('base64')}?=`,
    })
  })

  it('Hallpass sends an older server its own version, without the envelope of a newer client', async () => {
    const server = await serve('legacy')
    await add(server)
    expect(room.mcp.catalog('up').era).toBe('legacy')
    const meta = {
      'io.modelcontextprotocol/clientInfo': { name: 'x' },
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      kept: 1,
    }
    const session = room.mcp.openSession('up', quietClient({ prefers: 'modern' }))
    expect(JSON.parse(textOf(await session.request('tools/call', { name: 'echo', _meta: meta })))).toEqual({
      name: 'echo',
      _meta: { kept: 1 },
    })
  })

  it('Hallpass uses the client’s version with a server that supports both', async () => {
    const server = await serve('legacy', 'modern')
    await add(server)
    for (const prefers of ['legacy', 'modern'] as const)
      expect((await room.mcp.openSession('up', quietClient({ prefers })).opened()).era).toBe(prefers)
  })

  it('an older client gets a required input as a request, and its response continues the call', async () => {
    const server = await serve('modern')
    await add(server)
    const session = room.mcp.openSession(
      'up',
      quietClient({ request: (method, params) => Promise.resolve({ action: 'accept', content: { method, params } }) }),
    )
    expect(JSON.parse(textOf(await session.request('tools/call', { name: 'ask' })))).toEqual({
      responses: {
        name: { action: 'accept', content: { method: 'elicitation/create', params: { message: 'Your name?' } } },
      },
      state: 'opaque-state',
    })
  })

  it('a client of 2026-07-28 gets the required input unchanged', async () => {
    const server = await serve('modern')
    await add(server)
    const session = room.mcp.openSession('up', quietClient({ prefers: 'modern' }))
    expect(await session.request('tools/call', { name: 'ask' }, { inputRequired: 'return' })).toMatchObject({
      resultType: 'input_required',
      requestState: 'opaque-state',
    })
  })

  it('Hallpass answers methods that a server of 2026-07-28 does not have', async () => {
    const server = await serve('modern')
    await add(server)
    const session = room.mcp.openSession('up', quietClient())
    server.seen.length = 0
    expect(await session.request('ping')).toEqual({})
    expect(await session.request('logging/setLevel', { level: 'warning' })).toEqual({})
    const params = JSON.parse(textOf(await session.request('tools/call', { name: 'echo' }))) as {
      _meta: Record<string, unknown>
    }
    expect(params._meta['io.modelcontextprotocol/logLevel']).toBe('warning')
    expect(server.seen.map((one) => one.rpc)).not.toContain('ping')
  })
})

describe('sessions', () => {
  it.each(['a 404', 'a 400'])('one that the server lost (%s) is opened again, and the call runs once', async (how) => {
    const server = await serve()
    await add(server)
    const session = room.mcp.openSession('up', quietClient())
    await session.request('tools/call', { name: 'echo' })
    server.forget()
    if (how === 'a 400') {
      server.intercept = (request, response) => {
        if (server.sessions.has(String(request.headers['mcp-session-id'])) || request.rpc === 'initialize') return false
        response
          .writeHead(400, { 'content-type': 'application/json' })
          .end(
            '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: No valid session ID provided"}}',
          )
        return true
      }
    }
    server.seen.length = 0
    expect(
      JSON.parse(textOf(await session.request('tools/call', { name: 'echo', arguments: { n: 1 } }))),
    ).toMatchObject({ arguments: { n: 1 } })
    expect(server.seen.filter((one) => one.rpc !== null).map((one) => one.rpc)).toEqual([
      'tools/call',
      'initialize',
      'notifications/initialized',
      'tools/list',
      'tools/call',
    ])
  })

  it('a session that the server keeps losing fails instead of starting over forever', async () => {
    const server = await serve()
    await add(server)
    const session = room.mcp.openSession('up', quietClient())
    await session.opened()
    server.intercept = (request, response) => {
      if (request.rpc !== 'tools/call') return false
      response
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}')
      return true
    }
    await expect(session.request('tools/call', { name: 'echo' })).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
      message: expect.stringContaining('HTTP 404'),
    })
    expect(server.seen.filter((one) => one.rpc === 'tools/call')).toHaveLength(2)
  })

  it('a list is requested again after a broken connection, and a call is not', async () => {
    const server = await serve()
    await add(server)
    const session = room.mcp.openSession('up', quietClient())
    await session.opened()
    let broken = 0
    server.intercept = (request, response) => {
      // The list before the first call goes through, so that the call is what breaks.
      if (request.rpc !== (broken === 0 ? 'tools/call' : 'tools/list') || broken > 1) return false
      broken += 1
      response.destroy()
      return true
    }
    await expect(session.request('tools/call', { name: 'echo' })).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
      message: expect.stringContaining('the server closed the connection'),
    })
    expect(server.seen.filter((one) => one.rpc === 'tools/call')).toHaveLength(1)
    expect((await session.request('tools/list'))['tools']).toHaveLength(1)
  })

  it('each client has its own session, which ends when the client disconnects', async () => {
    const server = await serve()
    await add(server)
    server.sessions.clear()
    const sessions = [1, 2].map(() => room.mcp.openSession('up', quietClient()))
    await Promise.all(sessions.map((session) => session.opened()))
    expect(server.sessions.size).toBe(2)
    await Promise.all(sessions.map((session) => session.close()))
    expect(server.sessions.size).toBe(0)
  })
})
