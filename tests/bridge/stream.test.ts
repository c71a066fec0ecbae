import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { Client } from '@modelcontextprotocol/client'
import { deserializeMessage, serializeMessage, type Transport } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { drainEventLoop } from '../support/until.ts'
import { INITIALIZE, startBridgeRig, type BridgeRig } from './support/start-bridge-rig.ts'

describe('MCP over stdio', () => {
  let rig: BridgeRig
  let input: PassThrough
  let output: PassThrough
  let stop: AbortController
  beforeEach(async () => {
    rig = await startBridgeRig()
    await rig.token('local', [{ connection: 'sales', permissions: ['read'] }], 'local')
    input = new PassThrough()
    output = new PassThrough()
    stop = new AbortController()
  })
  afterEach(() => rig[Symbol.asyncDispose]())

  const serve = (tokenName?: string) =>
    rig.bridge.serveStream(input, output, {
      project: 'demo',
      signal: stop.signal,
      ...(tokenName === undefined ? {} : { tokenName }),
    })

  function write(...messages: object[]): void {
    for (const message of messages) input.write(`${JSON.stringify(message)}\n`)
  }
  async function everything(): Promise<Record<string, any>[]> {
    output.end()
    let text = ''
    for await (const chunk of output) text += String(chunk)
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  }
  /** A transport over the other ends. */
  function clientTransport(): Transport {
    let buffered = ''
    const transport: Transport = {
      async start() {
        output.on('data', (chunk: Buffer) => {
          buffered += String(chunk)
          for (let cut = buffered.indexOf('\n'); cut >= 0; cut = buffered.indexOf('\n')) {
            transport.onmessage?.(deserializeMessage(buffered.slice(0, cut)))
            buffered = buffered.slice(cut + 1)
          }
        })
      },
      async send(message) {
        input.write(serializeMessage(message))
      },
      async close() {
        input.end()
        transport.onclose?.()
      },
    }
    return transport
  }

  test('rejects an unknown token name before serving anything', async () => {
    await expect(serve('nobody')).rejects.toThrow()
    expect(output.readableLength).toBe(0)
  })

  test('rejects a token that is revoked while the client is connected', async () => {
    const served = serve()
    const client = new Client({ name: 'desk', version: '3' })
    await client.connect(clientTransport())
    await rig.access.revokeToken('demo', 'local')
    const result = await client.callTool({ name: 'list_tables' })
    expect(result.isError).toBe(true)
    expect(JSON.stringify(result.content)).toContain('TOKEN_EXPIRED')
    await expect(client.listTools()).rejects.toThrow()
    expect(rig.rows.at(-1)).toMatchObject({
      method: 'tools/list',
      status: 401,
      code: 'TOKEN_EXPIRED',
      transport: 'mcp-stdio',
    })
    await client.close()
    await served
  })

  test('sends only JSON-RPC, whatever it receives', async () => {
    const served = serve()
    input.write('no json at all\n{"half":\n[]\n"text"\n\n{"jsonrpc":"2.0"}\n')
    write(INITIALIZE, { jsonrpc: '2.0', method: 'notifications/initialized' })
    write([{ jsonrpc: '2.0', id: 3, method: 'ping' }], { jsonrpc: '2.0', id: 4, method: 'ping' })
    input.end()
    await served
    const messages = await everything()
    expect(messages.map((message) => message['id'])).toEqual([0, 4])
    for (const message of messages) expect(message['jsonrpc']).toBe('2.0')
  })

  test('ends with a line of more than 32 MiB', async () => {
    const served = serve()
    const piece = 'x'.repeat(1024 * 1024)
    for (let count = 0; count < 34; count++) input.write(piece)
    await served
  })

  test('logs one row for a tool call that is canceled immediately, malformed, or has the ID of a running one', async () => {
    const served = serve()
    write(INITIALIZE, { jsonrpc: '2.0', method: 'notifications/initialized' })
    await vi.waitFor(() => expect(rig.rows).toMatchObject([{ method: 'initialize', status: 200 }]))
    rig.rows.length = 0
    const call = (id: number, params: object = {}) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name: 'list_tables', ...params },
    })
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }
    input.write(`${JSON.stringify(call(1))}\n${JSON.stringify(cancel)}\n`)
    await vi.waitFor(() => expect(rig.rows).toMatchObject([{ method: 'list_tables', status: expect.any(Number) }]))
    input.write(`${JSON.stringify(call(2, { task: 5 }))}\n`)
    await vi.waitFor(() => expect(rig.rows).toHaveLength(2))
    input.write(`${JSON.stringify(call(3))}\n${JSON.stringify(call(3))}\n`)
    input.end()
    await served
    expect(rig.rows.map((row) => [row.status, row.token])).toEqual([
      [expect.any(Number), 'local'],
      [400, 'local'],
      [400, 'local'],
      [200, 'local'],
    ])
  })

  test('rejects a message that is nested too deeply, and serves the next one', async () => {
    const served = serve()
    write(INITIALIZE)
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    input.write(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tables","arguments":{"x":${deep}}}}\n`,
    )
    write({ jsonrpc: '2.0', id: 2, method: 'ping' })
    input.end()
    await served
    const messages = await everything()
    expect(messages.map((message) => message['id'])).toEqual(expect.arrayContaining([0, 2]))
    expect(messages.find((message) => message['id'] === 1)?.['result']).toBeUndefined()
  })

  test('interrupts a call when its client disconnects', async () => {
    const aborted = Promise.withResolvers<void>()
    rig.answer.call = (_method, _fields, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.resolve()
          reject(signal.reason)
        })
      })
    const served = serve()
    write(INITIALIZE, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_tables' } })
    await expect.poll(() => rig.rows.at(-1)?.method).toBe('list_tables')
    input.destroy()
    await aborted.promise
    await served
  })

  test("sends pending responses after the client's last message", async () => {
    rig.answer.call = async () => {
      await inputEnded
      await drainEventLoop()
      return { tables: ['Late'] }
    }
    const inputEnded = once(input, 'end')
    const served = serve()
    write(INITIALIZE, { jsonrpc: '2.0', method: 'notifications/initialized' })
    write({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_tables' } })
    input.end()
    await served
    const last = (await everything()).at(-1)
    expect(last).toMatchObject({ id: 1, result: { structuredContent: { tables: ['Late'] } } })
    expect(rig.rows.map((row) => [row.method, row.status, row.transport, row.client])).toEqual([
      ['initialize', 200, 'mcp-stdio', 'raw/1.0'],
      ['list_tables', 200, 'mcp-stdio', 'raw/1.0'],
    ])
  })

  test('interrupts a canceled call, and continues', async () => {
    const aborted = Promise.withResolvers<void>()
    rig.answer.call = (_method, _fields, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.resolve()
          reject(signal.reason)
        })
      })
    const served = serve()
    const client = new Client({ name: 'desk', version: '3' })
    await client.connect(clientTransport())
    const controller = new AbortController()
    const pending = client.callTool({ name: 'list_tables' }, { signal: controller.signal })
    await expect.poll(() => rig.rows.at(-1)?.method).toBe('list_tables')
    controller.abort()
    await expect(pending).rejects.toThrow()
    await aborted.promise
    expect((await client.listTools()).tools.length).toBeGreaterThan(3)
    await client.close()
    await served
  })

  test.each([
    ['legacy', 'legacy'],
    ['2026-07-28', { pin: '2026-07-28' }],
    ['auto', 'auto'],
  ] as const)('a client of protocol era %s lists and calls tools', async (_name, mode) => {
    const served = serve('local')
    const client = new Client({ name: 'desk', version: '3' }, { versionNegotiation: { mode } })
    await client.connect(clientTransport())
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('request_session_token')
    const result = await client.callTool({
      name: 'request_session_token',
      arguments: { document: 'sales', permissions: ['read'] },
    })
    expect(result.structuredContent).toMatchObject({ document: 'sales' })
    await client.close()
    await served
  })

  test('ends on an abort', async () => {
    const served = serve()
    stop.abort()
    await served
  })
})
