import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { expect, it } from 'vitest'
import { answerOf } from '../../src/engine/mcp-upstreams/http/upstream-answer.ts'

const MIB = 1024 * 1024

async function streamed(piece: Buffer, pieces: number): Promise<number> {
  let given = 0
  const body = Readable.from(
    (function* () {
      for (; given < pieces; given += 1) yield piece
    })(),
  )
  const reply = {
    statusCode: 200,
    headers: { 'content-type': 'text/event-stream' },
    body,
  } as unknown as Dispatcher.ResponseData
  let size = 0
  for await (const part of (await answerOf(reply, null)).body ?? []) size += part.byteLength
  return size
}

it('an event that never ends is rejected', async () => {
  await expect(streamed(Buffer.alloc(MIB, 'z'), 1000)).rejects.toThrow('sent a message larger than 64 MiB')
})

it.each(['\n\n', '\r\n\r\n', '\r\r'])('a stream of events that end with %j can have any length', async (end) => {
  const event = Buffer.concat([Buffer.from('data: '), Buffer.alloc(MIB, 'z'), Buffer.from(end)])
  expect(await streamed(event, 70)).toBe(70 * event.length)
})

it('the end of an event is found across two chunks', async () => {
  const half = Buffer.concat([Buffer.from('\ndata: '), Buffer.alloc(MIB, 'z'), Buffer.from('\n')])
  expect(await streamed(half, 70)).toBe(70 * half.length)
})
