import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { passResponse } from '../../src/engine/bridge/serve/sessionless/pass-response.ts'

const CHUNK = new Uint8Array(64 * 1024).fill(97)

/** Serves one event stream of these many chunks, and returns both ends of it. */
async function streamed(chunks: number) {
  const sent = Promise.withResolvers<Buffer | null>()
  const served = Promise.withResolvers<ServerResponse>()
  let left = chunks
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      left -= 1
      if (left < 0) controller.close()
      else controller.enqueue(CHUNK)
    },
  })
  const server = createServer((_request, response) => {
    served.resolve(response)
    const answer = new Response(source, { headers: { 'content-type': 'text/event-stream' } })
    passResponse(answer, response, new AbortController().signal).then(sent.resolve, sent.reject)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const incoming = await new Promise<IncomingMessage>((resolve) =>
    get({ port: (server.address() as AddressInfo).port }, resolve),
  )
  return { response: await served.promise, incoming, sent: sent.promise, server }
}

test('a stream that pauses hundreds of times leaves no listener on its response', async () => {
  const { response, incoming, sent, server } = await streamed(400)
  const idle = response.listenerCount('close')
  let pauses = 0
  let most = 0
  const write = response.write.bind(response) as (chunk: Uint8Array) => boolean
  response.write = ((chunk: Uint8Array) => {
    const goesOn = write(chunk)
    if (!goesOn) pauses += 1
    most = Math.max(most, response.listenerCount('close'))
    return goesOn
  }) as typeof response.write
  let received = 0
  for await (const chunk of incoming) received += (chunk as Buffer).length
  await sent
  server.close()
  expect(received).toBe(400 * CHUNK.length)
  expect(pauses).toBeGreaterThan(20)
  expect(most).toBeLessThanOrEqual(idle + 1)
})

test('a reader that leaves during a pause ends the stream', async () => {
  const { incoming, sent, server } = await streamed(10_000)
  incoming.pause()
  incoming.destroy()
  await expect(sent).resolves.toBeNull()
  server.close()
})
