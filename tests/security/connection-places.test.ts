import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { connectControl } from '../../src/control/control-client.ts'
import { startControlServer } from '../../src/control/control-server.ts'
import type { WebConsole } from '../../src/engine/web-console.ts'
import { startHttpRig, type HttpRig } from '../http/support/start-http-rig.ts'
import { startTestEngine } from '../support/start-test-engine.ts'

const CONNECTIONS = 40
/** One owner of connections can use a quarter of them. */
const SHARE = 10

const sockets: Socket[] = []
let rig: HttpRig | null = null
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await rig?.[Symbol.asyncDispose]()
  rig = null
})

async function open(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => undefined)
  sockets.push(socket)
  await once(socket, 'connect')
  return socket
}

/** Sends a request and resolves with its status. The connection stays open. */
async function send(socket: Socket, port: number, token: string | null, line = 'POST /api/v1/proxy'): Promise<number> {
  const body = line.startsWith('POST') ? '{"method":"list_tables"}' : ''
  socket.write(
    `${line} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
      (token === null ? '' : `Authorization: Bearer ${token}\r\n`) +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  )
  const [reply] = (await once(socket, 'data')) as [Buffer]
  return Number(String(reply).split(' ')[1])
}

async function flood(port: number, count = 3 * CONNECTIONS): Promise<void> {
  for (let n = 0; n < count; n += 1) await open(port)
}

const openOnes = (): number => sockets.filter((socket) => !socket.destroyed && socket.readable).length

describe('connections', () => {
  test('without a valid token are limited per address, and the oldest idle one is closed first', async () => {
    rig = await startHttpRig({ limits: { connections: CONNECTIONS } })
    await flood(rig.port)
    await expect.poll(openOnes).toBe(SHARE)
    expect(sockets.slice(0, -SHARE).every((socket) => socket.destroyed || !socket.readable)).toBe(true)
    // What is sent so far isn't a request yet, so a slow caller is as idle as a silent one.
    const slow = sockets.at(-SHARE)
    slow?.write('POST /api/v1/proxy HTTP/1.1\r\nHost: ')
    await open(rig.port)
    await once(slow as Socket, 'close')
  })

  test('that sent a valid token stay open while strangers flood the port', async () => {
    rig = await startHttpRig({ limits: { connections: CONNECTIONS } })
    const own = await open(rig.port)
    expect(await send(own, rig.port, rig.sessionToken)).toBe(200)
    await flood(rig.port)
    expect(await send(own, rig.port, rig.sessionToken)).toBe(200)
    // And a new caller still gets in.
    expect(await send(await open(rig.port), rig.port, rig.sessionToken)).toBe(200)
  })

  test('that strangers keep busy are closed too', async () => {
    rig = await startHttpRig({ limits: { connections: CONNECTIONS, lingerMs: 60_000 } })
    for (let n = 0; n < 2 * SHARE; n += 1) {
      const socket = await open(rig.port)
      socket.write(`POST /api/v1/proxy HTTP/1.1\r\nHost: 127.0.0.1:${rig.port}\r\nContent-Length: 1000000\r\n\r\nx`)
    }
    expect(await send(await open(rig.port), rig.port, rig.sessionToken)).toBe(200)
  })

  test("of one token don't take the places of others", async () => {
    rig = await startHttpRig({ limits: { connections: CONNECTIONS } })
    const other = rig.mint(['read'], await rig.token('other')).token
    const quiet = await open(rig.port)
    expect(await send(quiet, rig.port, other)).toBe(200)
    for (let n = 0; n < 2 * SHARE; n += 1) await send(await open(rig.port), rig.port, rig.sessionToken)
    await expect.poll(openOnes).toBe(SHARE + 1)
    expect(await send(quiet, rig.port, other)).toBe(200)
  })

  test("of an ended token count as a stranger's from their next request on", async () => {
    rig = await startHttpRig({ limits: { connections: CONNECTIONS } })
    const own = await open(rig.port)
    expect(await send(own, rig.port, rig.sessionToken)).toBe(200)
    await rig.access.revokeToken('demo', 'editor')
    expect(await send(own, rig.port, rig.sessionToken)).toBe(401)
    await flood(rig.port)
    await expect.poll(() => own.destroyed || !own.readable).toBe(true)
  })

  test('of a browser that is signed in to the console keep their place', async () => {
    const console = {
      methods: () => ['GET'],
      async serve(exchange) {
        exchange.keepPlace()
        exchange.send(200, {}, 'ok')
      },
    } as Partial<WebConsole> as WebConsole
    rig = await startHttpRig({ limits: { connections: CONNECTIONS }, console })
    const browser = await open(rig.port)
    expect(await send(browser, rig.port, null, 'GET /console/')).toBe(200)
    await flood(rig.port)
    expect(await send(browser, rig.port, null, 'GET /console/')).toBe(200)
  })

  test("to the owner's socket are counted apart from those to the port", { timeout: 30_000 }, async () => {
    await using engine = await startTestEngine({ sample: false })
    const control = await startControlServer({
      home: engine.home,
      router: engine.ownerRouter,
      serveStream: engine.serveStream,
    })
    const port = Number(new URL(engine.url).port)
    await flood(port, 600)
    const client = await connectControl({ home: engine.home })
    expect((await client.api.status()).url).toBe(engine.url)
    client.close()
    await control.close()
  })
})
