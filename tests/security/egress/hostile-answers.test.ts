import { createServer, type AddressInfo, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { SECRET, startHttpApiRig } from '../../http-apis/support/start-http-api-rig.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

/** A server that answers every request with these bytes, but for /good. */
async function startRawUpstream(bytes: string | Buffer) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      if (data.toString().startsWith('GET /good'))
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngood')
      else socket.end(bytes)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  open.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const ok = (head: string, body = 'body') => `HTTP/1.1 200 OK\r\n${head}Connection: close\r\n\r\n${body}`

describe("an upstream's response", () => {
  it.each([
    ['with a status below the range', 'HTTP/1.1 000 None\r\nContent-Length: 0\r\n\r\n'],
    ['with a status above the range', 'HTTP/1.1 999 Most\r\nContent-Length: 0\r\n\r\n'],
    [
      'that changes the protocol',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    ],
    ['that is only informational', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'],
    ['without a status', 'HTTP/1.1 \r\n\r\n'],
    ['of HTTP/0.9', 'hello'],
    ['of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['with two lengths', ok('Content-Length: 4\r\nContent-Length: 5\r\n')],
    ['with a length and chunks', ok('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '4\r\nbody\r\n0\r\n\r\n')],
    ['with a negative length', ok('Content-Length: -1\r\n')],
    ['longer than it says', ok('Content-Length: 2\r\n', 'much longer')],
    ['shorter than it says', ok('Content-Length: 200\r\n')],
    ['with broken chunks', ok('Transfer-Encoding: chunked\r\n', 'zz\r\nbody\r\n')],
    [
      'followed by a second response',
      `${'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody'}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond`,
    ],
    ['with a folded header', ok(`X-A: one\r\n ${SECRET}\r\n`)],
    [
      'with a header of raw bytes',
      Buffer.concat([
        Buffer.from('HTTP/1.1 200 OK\r\nX-A: '),
        Buffer.from([1, 2, 0x7f, 0xff]),
        Buffer.from('\r\nConnection: close\r\n\r\nbody'),
      ]),
    ],
    ['with a header without a name', ok(': value\r\n')],
    ['with a bare line break in a header', ok('X-A: one\nX-B: two\r\n')],
    [
      'with trailers',
      ok(
        'Transfer-Encoding: chunked\r\nTrailer: X-Echo\r\n',
        `4\r\nbody\r\n0\r\nX-Echo: ${SECRET}\r\nSet-Cookie: a=${SECRET}\r\n\r\n`,
      ),
    ],
    ['with thousands of headers', ok(Array.from({ length: 5_000 }, (_, n) => `X-${n}: ${SECRET}\r\n`).join(''))],
    ['with its key as the name of a header', ok(`X-${Buffer.from(SECRET).toString('hex')}: 1\r\n`)],
  ])('%s is handled without harm', async (_, bytes) => {
    const rig = await startHttpApiRig({ url: await startRawUpstream(bytes), auth: { type: 'bearer' }, timeout_ms: 500 })
    open.push(rig)
    const told = await rig
      .ask('/x')
      .then(async (reply) => JSON.stringify([...reply.headers]) + (await reply.text()))
      .catch(String)
    expect(told).not.toContain(SECRET)
    expect(told).not.toContain(Buffer.from(SECRET).toString('hex'))
    expect(told).not.toContain('second')
    const good = await rig.ask('/good')
    expect([good.status, await good.text()]).toEqual([200, 'good'])
    expect(rig.internal).toEqual([])
  })
  it.each([
    ['has an unknown encoding', ok('Content-Encoding: foo\r\n')],
    ['is not gzip although its header says so', ok('Content-Encoding: gzip\r\n')],
  ])('that %s, however often, does not block the API for anyone', async (_, bytes) => {
    const rig = await startHttpApiRig({ url: await startRawUpstream(bytes), auth: { type: 'bearer' }, timeout_ms: 500 })
    open.push(rig)
    for (let i = 0; i < 6; i += 1)
      await rig
        .ask('/x')
        .then((reply) => reply.text())
        .catch(String)
    const good = await rig.ask('/good')
    expect([good.status, await good.text()]).toEqual([200, 'good'])
  })
})

describe("a response whose body can't be masked", () => {
  const echo = gzipSync(Buffer.from(`{"echo":"${SECRET}"}`))
  const zipped = (headers: string): Buffer =>
    Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${headers}Connection: close\r\n\r\n`), echo])

  it.each([
    ['two headers, of which one names none', 'Content-Encoding: identity\r\nContent-Encoding: x-own\r\n'],
    ['two that were applied one after the other', 'Content-Encoding: gzip, gzip\r\n'],
    ['two headers', 'Content-Encoding: gzip\r\nContent-Encoding: br\r\n'],
    ['one that Hallpass doesn’t know', 'Content-Encoding: compress\r\n'],
    ['one that the Connection header hides', 'Content-Encoding: compress\r\nConnection: content-encoding\r\n'],
  ])('is rejected: encoded with %s', async (_, headers) => {
    const rig = await startHttpApiRig({ url: await startRawUpstream(zipped(headers)), auth: { type: 'bearer' } })
    open.push(rig)
    const reply = await rig.ask('/x')
    expect(reply.status).toBe(502)
    expect(Buffer.from(await reply.arrayBuffer()).includes(echo.subarray(0, 20))).toBe(false)
  })

  it.each([
    ['two headers, of which one names none', 'Content-Encoding: identity\r\nContent-Encoding: gzip\r\n'],
    ['one that the Connection header hides', 'Content-Encoding: gzip\r\nConnection: content-encoding\r\n'],
  ])('is decoded and masked if Hallpass knows the encoding: %s', async (_, headers) => {
    const rig = await startHttpApiRig({ url: await startRawUpstream(zipped(headers)), auth: { type: 'bearer' } })
    open.push(rig)
    const reply = await rig.ask('/x')
    expect(reply.headers.get('content-encoding')).toBeNull()
    expect(await reply.text()).toBe(`{"echo":"${'*'.repeat(SECRET.length)}"}`)
  })

  it('is rejected after too many informational responses', async () => {
    const endless = 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'.repeat(500)
    const rig = await startHttpApiRig({ url: await startRawUpstream(endless), auth: { type: 'bearer' } })
    open.push(rig)
    const reply = await rig.ask('/x')
    expect(reply.status).toBe(502)
    expect(((await reply.json()) as { error: string }).error).toContain('informational')
  })
})
