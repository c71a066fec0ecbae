import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { startHttpApiRig, type HttpApiRig } from './support/start-http-api-rig.ts'
import { startHttpUpstream } from './support/start-http-upstream.ts'
import { drainEventLoop, until } from '../support/until.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})
const kept = <T extends AsyncDisposable>(one: T): T => {
  open.push(one)
  return one
}

async function rigWith(more: object = {}, options: Parameters<typeof startHttpApiRig>[1] = {}) {
  const upstream = kept(await startHttpUpstream())
  return {
    upstream,
    rig: kept(await startHttpApiRig({ url: upstream.url, auth: { type: 'bearer' }, ...more }, options)),
  }
}

const lastRow = (rig: HttpApiRig) => rig.rows.at(-1)?.outcome

/** The row closes just after the answer is there. */
const eventually = (check: () => boolean): Promise<void> => until(String(check), check, 20_000)

describe('a forwarded response', () => {
  it('is passed on with its status, body and headers, for any status', async () => {
    const { upstream, rig } = await rigWith()
    for (const status of [200, 201, 204, 206, 304, 400, 401, 404, 409, 418, 422, 429, 500, 503]) {
      upstream.answer = (_request, response) =>
        response
          .writeHead(status, { 'x-mine': 'yes', 'retry-after': '7' })
          .end(status === 204 || status === 304 ? undefined : `said ${status}`)
      const reply = await rig.ask('/x')
      expect(reply.status).toBe(status)
      expect(await reply.text()).toBe(status === 204 || status === 304 ? '' : `said ${status}`)
      expect(reply.headers.get('x-mine')).toBe('yes')
      await eventually(() => lastRow(rig)?.status === status)
    }
  })

  it.each([1, 1024, 8 * 1024, 8 * 1024 + 1, 100_000])(
    'of %d bytes of any value is passed on unchanged',
    async (size) => {
      const { upstream, rig } = await rigWith()
      const sent = Buffer.from(Array.from({ length: size }, (_, index) => index % 256))
      for (const headers of [{ 'content-length': String(size) }, { 'content-type': 'text/plain; charset=utf-8' }]) {
        upstream.answer = (_request, response) => response.writeHead(200, headers).end(sent)
        const reply = await rig.ask('/x')
        expect(Buffer.from(await reply.arrayBuffer()).equals(sent)).toBe(true)
      }
    },
  )

  it('to HEAD has the length and no body', async () => {
    const { upstream, rig } = await rigWith()
    upstream.answer = (_request, response) =>
      response.writeHead(200, { 'content-length': '1234', 'content-encoding': 'gzip' }).end()
    const reply = await rig.ask('/x', { method: 'HEAD' })
    expect([reply.status, reply.headers.get('content-length'), await reply.text()]).toEqual([200, '1234', ''])
  })

  it('arrives event by event, as soon as each is sent', async () => {
    const { upstream, rig } = await rigWith()
    let send: (text: string) => void = () => undefined
    let end = (): void => undefined
    upstream.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
      send = (text) => void response.write(text)
      end = () => void response.end()
    }
    const reply = await rig.ask('/events')
    expect(reply.headers.get('content-type')).toBe('text/event-stream')
    const reader = reply.body?.getReader()
    for (const word of ['data: one\n\n', 'data: Bearer canary\n\n', 'data: three\n\n']) {
      send(word)
      const piece = await reader?.read()
      expect(Buffer.from(piece?.value ?? []).toString()).toBe(word)
    }
    end()
    expect((await reader?.read())?.done).toBe(true)
    await eventually(() => lastRow(rig)?.status === 200)
  })

  it("of any length passes through at the reader's pace", async () => {
    const { upstream, rig } = await rigWith()
    const size = 64 * 1024 * 1024
    let sent = 0
    upstream.answer = (_request, response) => {
      const piece = Buffer.alloc(64 * 1024, 'x')
      const more = (): void => {
        while (sent < size) {
          sent += piece.length
          if (!response.write(piece)) return void response.once('drain', more)
        }
        response.end()
      }
      more()
    }
    const request = httpRequest(`${rig.base}/big`, { headers: { authorization: `Bearer ${rig.session}` } })
    request.end()
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
    response.pause()
    await drainEventLoop(2_000)
    // What the sockets and buffers between hold, and no more.
    expect(sent).toBeLessThan(size / 2)
    let received = 0
    for await (const piece of response as AsyncIterable<Buffer>) received += piece.length
    expect(received).toBe(size)
    await eventually(() => lastRow(rig)?.bytes_out === size)
  })

  it('that nobody reads is abandoned after a while, and canceled upstream', async () => {
    const { upstream, rig } = await rigWith({}, { streamIdleMs: 200 })
    let closed = false
    upstream.answer = (_request, response) => {
      response.on('close', () => {
        closed = true
      })
      const piece = Buffer.alloc(1024 * 1024)
      const more = (): void => {
        while (response.write(piece));
        response.once('drain', more)
      }
      more()
    }
    const request = httpRequest(`${rig.base}/big`, { headers: { authorization: `Bearer ${rig.session}` } })
    request.on('error', () => undefined)
    request.end()
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
    response.on('error', () => undefined)
    response.pause()
    await eventually(() => closed)
    await eventually(() => lastRow(rig)?.code === 'CLIENT_GONE')
  })

  it('that is interrupted upstream is interrupted for the caller too', async () => {
    const { upstream, rig } = await rigWith()
    let breakOff = (): void => undefined
    upstream.answer = (request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('half')
      breakOff = () => request.socket.destroy()
    }
    const reply = await rig.ask('/x')
    breakOff()
    await expect(reply.text()).rejects.toThrow()
    await eventually(() => lastRow(rig)?.code === 'UPSTREAM_ERROR')
  })
})

describe('a forwarded request', () => {
  it('carries a body of any length, with and without a declared length', async () => {
    const { upstream, rig } = await rigWith()
    const body = 'x'.repeat(40 * 1024 * 1024)
    expect((await rig.ask('/up', { method: 'POST', body })).status).toBe(200)
    expect(upstream.seen[0]?.body.length).toBe(body.length)
    expect(upstream.seen[0]?.headers['content-length']).toBe(String(body.length))
    async function* pieces() {
      for (let n = 0; n < 10; n += 1) yield new TextEncoder().encode(`piece ${n}\n`)
    }
    expect((await rig.ask('/up', { method: 'PUT', body: pieces() as never, duplex: 'half' })).status).toBe(200)
    expect(upstream.seen[1]?.body).toBe(Array.from({ length: 10 }, (_, n) => `piece ${n}\n`).join(''))
    expect(lastRow(rig)).toMatchObject({ bytes_in: 80 })
  })

  it('is interrupted when its caller disconnects', async () => {
    const { upstream, rig } = await rigWith()
    let closed = false
    upstream.answer = (request) => {
      request.socket.on('close', () => {
        closed = true
      })
    }
    const leaving = new AbortController()
    const asked = rig.ask('/slow', { signal: leaving.signal }).catch(() => null)
    await eventually(() => upstream.seen.length === 1)
    leaving.abort()
    await asked
    await eventually(() => closed)
    await eventually(() => lastRow(rig)?.code === 'CLIENT_GONE')
    expect(lastRow(rig)).toMatchObject({ status: 499 })
  })

  it.each([
    [
      'its token is revoked',
      async (rig: HttpApiRig) => void (await rig.access.revokeToken('demo', 'agent')),
      'TOKEN_EXPIRED',
      401,
    ],
    ['all access is paused', (rig: HttpApiRig) => rig.access.pause(), 'PAUSED', 503],
    [
      'the connection is excluded',
      async (rig: HttpApiRig) => void (await rig.access.endConnection('api')),
      'UNAUTHORIZED',
      403,
    ],
    ['Hallpass stops', (rig: HttpApiRig) => rig.stopping.abort(), 'UPSTREAM_ERROR', 502],
  ])('is interrupted when %s', async (_, act, code, status) => {
    const { upstream, rig } = await rigWith()
    let closed = 0
    upstream.answer = (request, response) => {
      request.socket.on('close', () => {
        closed += 1
      })
      if (request.url === '/streams') response.write('begun')
    }
    const waiting = rig.ask('/waits')
    const streaming = await rig.ask('/streams')
    await eventually(() => upstream.seen.length === 2)
    act(rig)
    const refused = await waiting
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([status, code])
    await expect(streaming.text()).rejects.toThrow()
    await eventually(() => closed === 2)
  })

  it('waits for the response, and for the rest of it, no longer than the timeout', async () => {
    const { upstream, rig } = await rigWith({ timeout_ms: 1000 })
    upstream.answer = (request, response) => {
      if (request.url === '/half') response.write('half')
    }
    const silent = await rig.ask('/silent')
    expect(silent.status).toBe(504)
    expect(await silent.json()).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
    await expect((await rig.ask('/half')).text()).rejects.toThrow()
    await eventually(() => lastRow(rig)?.code === 'UPSTREAM_TIMEOUT')
  })

  it('waits while the maximum number runs, and leaves the queue with its caller', async () => {
    const { upstream, rig } = await rigWith({ concurrency: 2, timeout_ms: 5_000 })
    const held: (() => void)[] = []
    upstream.answer = (_request, response) => void held.push(() => response.end('done'))
    const leaving = new AbortController()
    const first = [rig.ask('/1'), rig.ask('/2')]
    await eventually(() => held.length === 2)
    const gone = rig.ask('/gone', { signal: leaving.signal }).catch(() => null)
    const third = rig.ask('/3')
    await eventually(() => rig.rows.length === 4)
    await drainEventLoop()
    expect(upstream.seen).toHaveLength(2)
    leaving.abort()
    await gone
    held[0]?.()
    await eventually(() => held.length === 3)
    for (const release of held.slice(1)) release()
    for (const reply of await Promise.all([...first, third])) expect(reply.status).toBe(200)
    expect(upstream.seen.map((one) => one.url)).not.toContain('/gone')
  })

  it('is rejected for a while after five failed connections, with the time of the next try', async () => {
    const { upstream, rig } = await rigWith()
    const { port } = upstream
    await upstream[Symbol.asyncDispose]()
    open.shift()
    for (let n = 0; n < 5; n += 1)
      expect(await (await rig.ask('/x')).json()).toMatchObject({
        code: 'UPSTREAM_ERROR',
        error: expect.stringMatching(/connection refused/),
      })
    const resting = await (await rig.ask('/x')).json()
    expect(resting).toMatchObject({
      code: 'UPSTREAM_ERROR',
      error: expect.stringMatching(/connection refused.*sends no requests for 2 s \(until \d{4}-.*Z\)/),
    })
    rig.clock.advance(2_100)
    expect(((await (await rig.ask('/x')).json()) as { error: string }).error).not.toContain('After several failures')
    expect(((await (await rig.ask('/x')).json()) as { error: string }).error).toContain('for 4 s')
    const back = kept(await startHttpUpstream())
    await new Promise((resolve) => back.server.close(resolve))
    await new Promise<void>((resolve) => void back.server.listen(port, '127.0.0.1', resolve))
    rig.clock.advance(4_100)
    expect((await rig.ask('/x')).status).toBe(200)
    expect((await rig.ask('/x')).status).toBe(200)
  })
})
