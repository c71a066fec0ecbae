import { once } from 'node:events'
import { connect } from 'node:net'
import { Agent, request, type IncomingMessage } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import { drainEventLoop } from '../support/until.ts'
import { openSocket } from '../http/support/raw-request.ts'
import { scriptedConnector, startHttpRig, type HttpRig } from '../http/support/start-http-rig.ts'

const encoder = new TextEncoder()
const NDJSON = 'application/x-ndjson'

describe('POST /api/v1/proxy', () => {
  let rig: HttpRig
  afterEach(() => rig[Symbol.asyncDispose]())

  function send(
    body: string | ReadableStream,
    { query = '', token = rig.sessionToken, type = 'application/json', accept = '*/*' } = {},
  ) {
    return fetch(`${rig.url}/api/v1/proxy${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': type, accept },
      body,
      duplex: 'half',
    } as RequestInit)
  }
  async function refusal(reply: Response) {
    return { status: reply.status, ...((await reply.json()) as { code: string; error: string }) }
  }
  const lastRow = () => rig.rows.at(-1)

  test.each([
    ['[]', 'JSON object'],
    ['{}', 'Missing field "method"'],
    ['{"method":1}', 'Field "method" must be a string'],
    ['{"method":"drop"}', 'list_tables, describe_table'],
    ['{"method":"toString"}', 'Unknown method'],
    ['{"method":"__proto__"}', 'Unknown method'],
    ['{"method":"get_records"}', 'Missing field "table".'],
    ['{"method":"get_records","table":5}', 'Field "table" must be'],
    [
      '{"method":"get_records","table":"T","limit":"x"}',
      'Field "limit" must be a whole number of at least 1, not "x".',
    ],
    ['{"method":"get_records","table":"T","tabel":1}', 'Unknown field "tabel"'],
    ['{"method":"list_tables","__proto__":{"a":1}}', '__proto__'],
    ['{"method":"add_records","table":"T","records":[{"__proto__":1}]}', '__proto__'],
    ['{"method":"update_records","table":"T","records":[{"id":1,"fields":{"__proto__":1}}]}', '__proto__'],
  ])('rejects %s with a sentence that says why, and logs it', async (body, sentence) => {
    rig = await startHttpRig()
    const reply = await refusal(await send(body))
    expect(reply).toMatchObject({ status: 400, code: 'INVALID_REQUEST' })
    expect(reply.error).toContain(sentence)
    expect(lastRow()).toMatchObject({
      transport: 'proxy',
      token_kind: 'session',
      parent: 'editor',
      outcome: { status: 400, code: 'INVALID_REQUEST' },
    })
    expect((await send('{"method":"list_tables"}')).status).toBe(200)
  })

  test.each([
    ['{"method":"add_records","table":5}', "doesn't have the write permission"],
    ['{"method":"create_table"}', "doesn't have the schema permission"],
    ['{"method":"get_records"}', null],
  ])('checks permissions before it reports %s', async (body, sentence) => {
    rig = await startHttpRig()
    const reply = await refusal(await send(body, { token: rig.mint(['read']).token }))
    if (sentence === null) return expect(reply).toMatchObject({ status: 400, code: 'INVALID_REQUEST' })
    expect(reply).toMatchObject({ status: 403, code: 'UNAUTHORIZED', error: expect.stringContaining(sentence) })
  })

  test("rejects a request without the session's permission, and logs one row", async () => {
    rig = await startHttpRig()
    const { token } = rig.mint(['read'])
    const reply = await refusal(await send('{"method":"delete_records","table":"Orders","record_ids":[1]}', { token }))
    expect(reply).toMatchObject({ status: 403, code: 'UNAUTHORIZED' })
    expect(rig.rows).toHaveLength(1)
    expect(lastRow()).toMatchObject({ method: 'delete_records', resource: 'Orders', outcome: { status: 403 } })
  })

  test('returns data and logs one row', async () => {
    rig = await startHttpRig()
    const reply = await send('{"method":"list_tables"}')
    expect(await reply.json()).toEqual({ success: true, data: { tables: ['Orders'] } })
    expect(rig.rows).toHaveLength(1)
    expect(lastRow()).toMatchObject({
      method: 'list_tables',
      connection: 'sales',
      outcome: { status: 200, bytes_out: 45 },
    })
  })

  test('returns only a request ID for an internal error', async () => {
    rig = await startHttpRig({
      connector: scriptedConnector({ call: () => Promise.reject(new Error('secret-canary')) }),
    })
    const reply = await send('{"method":"list_tables"}')
    const text = await reply.text()
    expect(reply.status).toBe(500)
    expect(text).toContain(reply.headers.get('x-request-id'))
    expect(text).not.toContain('canary')
    expect(rig.internal).toHaveLength(1)
  })

  test.each([
    ['', 'method'],
    ['?method=list_tables&table=T', 'method'],
    ['?method=add_records', 'table'],
    ['?method=add_records&table=', 'table'],
    ['?method=add_records&table=T&x=1', 'x'],
    ['?method=add_records&method=add_records&table=T', 'method'],
  ])('rejects a bulk load with the query %s and names the field', async (query, field) => {
    rig = await startHttpRig()
    const reply = await refusal(await send('{}\n', { query, type: NDJSON }))
    expect(reply).toMatchObject({ status: 400, code: 'INVALID_REQUEST', field })
  })

  test('returns how many records a bulk load stored, or after which line it stopped', async () => {
    rig = await startHttpRig()
    for (const [method, word] of [
      ['add_records', 'added'],
      ['update_records', 'updated'],
      ['delete_records', 'deleted'],
    ]) {
      const reply = await send('{}\n{}\n', { query: `?method=${method}&table=Orders`, type: NDJSON })
      expect(await reply.json()).toEqual({ success: true, data: { [word ?? '']: 2 } })
    }
    const broken = await refusal(await send('{}\nbad\n', { query: '?method=add_records&table=Orders', type: NDJSON }))
    expect(broken).toMatchObject({ status: 400, error: 'Line 2 is not valid JSON; lines 1–1 are stored.' })
  })

  test('streams one line per batch of a bulk load, and ends with done or the error', async () => {
    rig = await startHttpRig()
    const query = '?method=add_records&table=Orders'
    /** Sends the second piece once the first was answered. */
    const sendInTwo = async (first: string, second: string): Promise<{ reply: Response; text: string }> => {
      const body = new TransformStream<Uint8Array, Uint8Array>()
      const writer = body.writable.getWriter()
      void writer.write(encoder.encode(first))
      const reply = await send(body.readable, { query, type: NDJSON, accept: NDJSON })
      let text = ''
      for await (const chunk of reply.body ?? []) {
        if (text === '') void writer.write(encoder.encode(second)).then(() => writer.close())
        text += Buffer.from(chunk).toString()
      }
      return { reply, text }
    }
    const good = await sendInTwo('{}\n', '{}\n{}\n')
    expect(good.reply.headers.get('content-type')).toContain(NDJSON)
    const lines = good.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(lines).toEqual([
      { added: 1, line: 1 },
      { added: 3, line: 3 },
      { added: 3, line: 3, done: true },
    ])
    const broken = await sendInTwo('{}\n', 'bad\n')
    expect(broken.reply.status).toBe(200)
    const last = JSON.parse(broken.text.trim().split('\n').at(-1) ?? '') as object
    expect(last).toMatchObject({
      success: false,
      code: 'INVALID_REQUEST',
      request_id: broken.reply.headers.get('x-request-id'),
    })
    const atOnce = await send('bad\n', { query, type: NDJSON, accept: NDJSON })
    expect(atOnce.status).toBe(400)
    const empty = await send('', { query, type: NDJSON, accept: NDJSON })
    expect(JSON.parse(await empty.text())).toEqual({ added: 0, line: 0, done: true })
  })

  test('exempts a bulk load from the body limit, and stops it when its token ends', async () => {
    rig = await startHttpRig({ limits: { bodyBytes: 100, lingerMs: 200 } })
    const query = '?method=add_records&table=Orders'
    const long = await send('{}\n'.repeat(10_000), { query, type: NDJSON })
    expect(await long.json()).toMatchObject({ data: { added: 10_000 } })
    const body = new ReadableStream({
      pull: async (controller) => {
        await drainEventLoop(1)
        controller.enqueue(encoder.encode('{}\n'))
      },
    })
    const endless = send(body, { query, type: NDJSON })
    await expect.poll(() => rig.rows.length).toBe(2)
    await rig.access.revokeToken('demo', 'editor')
    expect(await refusal(await endless)).toMatchObject({ status: 401, code: 'TOKEN_EXPIRED' })
  })

  test('returns the error of an invalid line to a client that sends everything first, and keeps the connection', async () => {
    rig = await startHttpRig({ limits: { lingerMs: 100 } })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = (type: string, query = '') =>
      request(`${rig.url}/api/v1/proxy${query}`, {
        agent,
        method: 'POST',
        headers: { authorization: `Bearer ${rig.sessionToken}`, 'content-type': type },
      })
    const load = ask(NDJSON, '?method=add_records&table=Orders')
    const answered = once(load, 'response') as Promise<[IncomingMessage]>
    load.write('{}\nbad\n')
    // Longer than an unread body is given at a time.
    for (const until = performance.now() + 500; performance.now() < until;) {
      load.write('{}\n')
      await drainEventLoop(1)
    }
    load.end()
    const [refused] = await answered
    expect(refused.statusCode).toBe(400)
    refused.resume()
    await once(refused, 'end')
    const next = ask('application/json')
    next.end('{"method":"list_tables"}')
    const [reply] = (await once(next, 'response')) as [IncomingMessage]
    expect([reply.statusCode, next.reusedSocket]).toEqual([200, true])
    agent.destroy()
  })

  test('reads a rejected load to its end, however long it is', async () => {
    rig = await startHttpRig({ limits: { lingerMs: 100 } })
    const socket = connect(rig.port, '127.0.0.1')
    const answer = (async () => {
      let text = ''
      for await (const part of socket.setEncoding('utf8')) text += part
      return text
    })()
    const write = (text: string) =>
      new Promise<void>((resolve, reject) => socket.write(text, (error) => (error ? reject(error) : resolve())))
    const chunk = (text: string) => write(`${text.length.toString(16)}\r\n${text}\r\n`)
    await write(
      `POST /api/v1/proxy?method=add_records&table=Orders HTTP/1.1\r\nHost: 127.0.0.1:${rig.port}\r\nAuthorization: Bearer ${rig.sessionToken}\r\n` +
        `Content-Type: ${NDJSON}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`,
    )
    await chunk('{}\nbad\n')
    // More than what any buffer on the way holds.
    for (let piece = 0; piece < 200; piece += 1) await chunk('{}\n'.repeat(20_000))
    await write('0\r\n\r\n')
    expect(await answer).toMatch(/^HTTP\/1.1 400 /)
  })

  test('streams records one per line on request', async () => {
    rig = await startHttpRig()
    for (const body of ['{"method":"get_records","table":"Orders"}', '{"method":"sql_query","query":"select 1"}']) {
      const reply = await send(body, { accept: NDJSON })
      expect(reply.headers.get('content-type')).toContain(NDJSON)
      expect(await reply.text()).toBe('{"id":1}\n{"id":2}\n')
    }
    expect((await send('{"method":"list_tables"}', { accept: NDJSON })).headers.get('content-type')).toContain(
      'application/json',
    )
  })

  test('returns the status of an error if a stream fails before its first record', async () => {
    rig = await startHttpRig({
      connector: scriptedConnector({
        openReadStream: () => Promise.reject(new HallpassError('GRIST_ERROR', 'Grist says no.')),
      }),
    })
    expect(await refusal(await send('{"method":"get_records","table":"Orders"}', { accept: NDJSON }))).toMatchObject({
      status: 502,
      code: 'GRIST_ERROR',
    })
  })

  function endless(
    made: { pieces: number; left: boolean },
    piece = encoder.encode(`${JSON.stringify({ id: 1, text: 'x'.repeat(60_000) })}\n`),
  ) {
    return scriptedConnector({
      openReadStream: async () => ({
        records: 0,
        async *[Symbol.asyncIterator]() {
          try {
            for (;;) {
              made.pieces += 1
              yield piece
              await new Promise((resolve) => setImmediate(resolve))
            }
          } finally {
            made.left = true
          }
        },
      }),
    })
  }

  test('ends a failed stream with the error as last line, visibly incomplete', async () => {
    rig = await startHttpRig({
      connector: scriptedConnector({
        openReadStream: async () => ({
          records: 1,
          async *[Symbol.asyncIterator]() {
            yield encoder.encode('{"id":1}\n')
            throw new HallpassError('UPSTREAM_ERROR', 'The upstream went away.')
          },
        }),
      }),
    })
    const reply = await send('{"method":"get_records","table":"Orders"}', { accept: NDJSON })
    let text = ''
    const read = async () => {
      for await (const chunk of reply.body ?? []) text += Buffer.from(chunk).toString()
    }
    await expect(read()).rejects.toThrow()
    expect(JSON.parse(text.trim().split('\n').at(-1) ?? '')).toMatchObject({ success: false, code: 'UPSTREAM_ERROR' })
    expect((await send('{"method":"list_tables"}')).status).toBe(200)
  })

  test('interrupts a stream when its token is revoked', async () => {
    const made = { pieces: 0, left: false }
    rig = await startHttpRig({ connector: endless(made) })
    const reply = await send('{"method":"get_records","table":"Orders"}', { accept: NDJSON })
    let tail = ''
    const read = async () => {
      for await (const chunk of reply.body ?? []) {
        if (tail === '') rig.access.revokeToken('demo', 'editor')
        tail = (tail + Buffer.from(chunk).toString()).slice(-500)
      }
    }
    await expect(read()).rejects.toThrow()
    expect(tail).toContain('TOKEN_EXPIRED')
    expect(made.left).toBe(true)
  })

  test("pauses a stream while its reader doesn't read, and ends it when the reader disconnects", async () => {
    const made = { pieces: 0, left: false }
    rig = await startHttpRig({ connector: endless(made) })
    const socket = await openSocket(rig.port)
    socket.pause()
    const body = '{"method":"get_records","table":"Orders"}'
    socket.write(
      `POST /api/v1/proxy HTTP/1.1\r\nHost: 127.0.0.1:${rig.port}\r\nAuthorization: Bearer ${rig.sessionToken}\r\nContent-Type: application/json\r\nAccept: ${NDJSON}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    let before = -1
    await expect
      .poll(
        () => {
          const same = made.pieces > 0 && made.pieces === before
          before = made.pieces
          return same
        },
        { interval: 300, timeout: 10_000 },
      )
      .toBe(true)
    expect(made.pieces * 60_000).toBeLessThan(64 * 1024 * 1024)
    expect((await send('{"method":"list_tables"}')).status).toBe(200)
    socket.destroy()
    await expect.poll(() => made.left).toBe(true)
    await expect.poll(() => rig.rows.find((row) => row.method === 'get_records')?.outcome?.code).toBe('CLIENT_GONE')
  })

  test.each([
    [
      '{"method":"add_records","table":"Orders","records":[{"Name":"a"}]}',
      { status: 503, code: 'PAUSED' },
      'may have succeeded',
    ],
    ['{"method":"list_tables"}', { status: 503, code: 'PAUSED' }, 'while the request was running.'],
  ])('says for a paused call if it may have written, and withholds what it read: %s', async (body, outcome, note) => {
    const { call } = scriptedConnector({})
    rig = await startHttpRig({
      connector: scriptedConnector({
        call: async (method, fields, context) => {
          await rig.access.pause()
          return call(method, fields, context)
        },
      }),
    })
    const reply = await send(body)
    expect([reply.status, await reply.json()]).toEqual([
      outcome.status,
      expect.objectContaining({ code: 'PAUSED', error: expect.stringContaining(note) }),
    ])
    expect(lastRow()?.outcome).toMatchObject(outcome)
  })

  test('interrupts a reader that reads nothing for too long', async () => {
    const made = { pieces: 0, left: false }
    rig = await startHttpRig({ connector: endless(made), limits: { streamIdleMs: 200 } })
    const socket = await openSocket(rig.port)
    socket.pause()
    const body = '{"method":"get_records","table":"Orders"}'
    socket.write(
      `POST /api/v1/proxy HTTP/1.1\r\nHost: 127.0.0.1:${rig.port}\r\nAuthorization: Bearer ${rig.sessionToken}\r\nContent-Type: application/json\r\nAccept: ${NDJSON}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    await expect.poll(() => made.left, { timeout: 10_000 }).toBe(true)
    socket.destroy()
  })

  test('aborts a call when its caller disconnects while the upstream works', async () => {
    let aborted = false
    rig = await startHttpRig({
      connector: scriptedConnector({
        call: (_method, _fields, { signal }) =>
          new Promise((_, reject) =>
            signal.addEventListener('abort', () => {
              aborted = true
              reject(signal.reason)
            }),
          ),
      }),
    })
    const controller = new AbortController()
    const request = fetch(`${rig.url}/api/v1/proxy`, {
      method: 'POST',
      signal: controller.signal,
      headers: { authorization: `Bearer ${rig.sessionToken}`, 'content-type': 'application/json' },
      body: '{"method":"list_tables"}',
    })
    await expect.poll(() => rig.rows.length).toBe(1)
    controller.abort()
    await expect(request).rejects.toThrow()
    await expect.poll(() => aborted).toBe(true)
    expect(lastRow()?.outcome?.code).toBe('CLIENT_GONE')
  })
})
