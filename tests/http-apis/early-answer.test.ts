import { request as httpRequest } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { startHttpApiRig } from './support/start-http-api-rig.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

it('a response that arrives before the body was read reaches the caller without hanging', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () =>
      socket.write('HTTP/1.1 413 Payload Too Large\r\nContent-Length: 9\r\nConnection: close\r\n\r\ntoo large', () =>
        socket.pause(),
      ),
    )
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const sockets = new Set<import('node:net').Socket>()
  server.on('connection', (socket) => void sockets.add(socket))
  open.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  const rig = await startHttpApiRig({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    auth: { type: 'bearer' },
  })
  open.push(rig)
  const reply = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const request = httpRequest(
      `${rig.base}/up`,
      { method: 'POST', headers: { authorization: `Bearer ${rig.session}`, 'content-length': 200 * 1024 * 1024 } },
      (response) => {
        let body = ''
        response.on('data', (piece: Buffer) => {
          body += piece.toString()
        })
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body })
          request.destroy()
        })
      },
    )
    request.on('error', reject)
    const piece = Buffer.alloc(1024 * 1024)
    const more = (): void => {
      while (!request.destroyed && request.write(piece));
      if (!request.destroyed) request.once('drain', more)
    }
    more()
  })
  expect(reply).toEqual({ status: 413, body: 'too large' })
  expect(rig.rows.at(-1)).toMatchObject({ outcome: { status: 413 } })
  expect(rig.internal).toEqual([])
})
