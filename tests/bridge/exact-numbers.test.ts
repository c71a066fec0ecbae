import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

const SERVER = join(import.meta.dirname, '../mcp-upstreams/support/start-stdio-server.mjs')
const BIG = '12345678901234567890'

/** Raw texts, because a test that parsed them would round them itself. */
describe('whole numbers beyond 2^53 over MCP', { timeout: 60_000 }, () => {
  let engine: TestEngine
  let token: string
  let url: string

  beforeAll(async () => {
    engine = await startTestEngine()
    await engine.owner.projects.create({ name: 'p' })
    await engine.owner.connections.include({ name: 'sales', project: 'p' })
    await engine.owner.connections.create({
      name: 'up',
      project: 'p',
      config: { kind: 'mcp', command: process.execPath, args: [SERVER, 'exact'] },
    })
    token = (await engine.owner.tokens.create({ project: 'p', name: 't', kind: 'access', clone: true })).secret ?? ''
    url = `${engine.url}/projects/p/mcp`
  })
  afterAll(() => engine?.[Symbol.asyncDispose]())

  const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body,
    })
  const META =
    '{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"raw","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}'
  const modern = async (name: string, args: string): Promise<string> =>
    (
      await post(
        `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${args},"_meta":${META}}}`,
        { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name },
      )
    ).text()
  async function legacySession(): Promise<(body: string) => Promise<string>> {
    const opened = await post(
      '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}',
    )
    const session = opened.headers.get('mcp-session-id') ?? ''
    return async (body) => (await post(body, { 'mcp-session-id': session })).text()
  }
  const call = (name: string, args: string): string =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${args}}}`

  test('a document tool rejects one and names the field', async () => {
    const send = await legacySession()
    const answer = await send(
      call('add_records', `{"document":"sales","table":"Orders","records":[{"Quantity":${BIG}}]}`),
    )
    expect(answer).toContain('INVALID_REQUEST')
    expect(answer).toContain('records[0].Quantity')
  })

  test('arguments and results keep every digit on the way to an upstream and back, in both eras', async () => {
    const send = await legacySession()
    for (const answer of [await send(call('up__echo', `{"id":${BIG}}`)), await modern('up__echo', `{"id":${BIG}}`)])
      expect(JSON.parse(answer).result.content[0].text).toBe('{"id":12345678901234567000}')
    for (const answer of [await send(call('up__exact', `{"id":${BIG}}`)), await modern('up__exact', `{"id":${BIG}}`)])
      expect(answer).toContain(`"structuredContent":{"id":${BIG}}`)
  })

  test('error data keeps every digit for clients of both eras', async () => {
    const send = await legacySession()
    const args = `{"id":${BIG}}`
    for (const answer of [await send(call('up__exact-error', args)), await modern('up__exact-error', args)])
      expect(answer).toContain(`"data":{"id":${BIG}}`)
  })

  test('arguments and results are exact over stdio as well', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    await engine.owner.tokens.create({ project: 'p', name: 'local', kind: 'local', clone: true })
    const stop = new AbortController()
    const served = engine.serveStream(input, output, { project: 'p', tokenName: 'local', signal: stop.signal })
    let text = ''
    output.on('data', (chunk: Buffer) => (text += String(chunk)))
    const send = async (line: string, answer: string): Promise<string> => {
      input.write(`${line}\n`)
      await expect.poll(() => text).toContain(answer)
      return text.split('\n').find((one) => one.includes(answer)) ?? ''
    }
    await send(
      '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}',
      '"id":0',
    )
    expect(await send(call('up__exact', `{"id":${BIG}}`), '"id":1')).toContain(`"structuredContent":{"id":${BIG}}`)
    const refused = call('add_records', `{"document":"sales","table":"Orders","records":[{"Quantity":${BIG}}]}`)
    expect(await send(refused.replace('"id":1', '"id":2'), '"id":2')).toContain('records[0].Quantity')
    expect(await send(`{"jsonrpc":"2.0","id":${BIG},"method":"ping"}`, `"id":${BIG},"error"`)).toContain('-32600')
    const withToken = `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"up__exact","arguments":{},"_meta":{"progressToken":${BIG}}}}`
    expect(await send(withToken, '"id":3')).toContain('"error"')
    stop.abort()
    await served
  })

  test('a progress token is exact or rejected, never rounded', async () => {
    const send = await legacySession()
    const token = `"_meta":{"progressToken":${BIG}}`
    const answer = await send(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"up__exact","arguments":{"id":1},${token}}}`,
    )
    expect(answer).toContain('"error"')
    expect(answer).not.toContain('12345678901234567000')
  })

  test('a request ID is echoed with every digit in the error that rejects it', async () => {
    const send = await legacySession()
    expect(await send(`{"jsonrpc":"2.0","id":${BIG},"method":"ping"}`)).toContain(`"id":${BIG}`)
  })
})
