import { PassThrough, Writable } from 'node:stream'
import { parseJSONRPCMessage, type Transport } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { createLineTransport } from '../../src/engine/bridge/serve/line-transport.ts'

/** A transport whose reader has taken nothing yet. */
async function stalled(): Promise<{ transport: Transport; output: Writable; take(): void }> {
  const takes: (() => void)[] = []
  const output = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void takes.push(done) })
  const transport = createLineTransport({ parseJSONRPCMessage }, new PassThrough(), output, {
    maxBytes: 1000,
    onInvalid: () => undefined,
  })
  await transport.start()
  return { transport, output, take: () => takes.shift()?.() }
}

const notify = (transport: Transport, count: number): Promise<void>[] =>
  Array.from({ length: count }, () => transport.send({ jsonrpc: '2.0', method: 'notifications/ping' }))

const listenersOf = (output: Writable): number[] =>
  ['error', 'drain', 'close'].map((name) => output.listenerCount(name))

test('messages for a slow reader add no listeners, and settle once it has read them', async () => {
  const { transport, output, take } = await stalled()
  const before = listenersOf(output)
  const sent = notify(transport, 50)
  expect(listenersOf(output)).toEqual(before)
  let settled = 0
  for (const one of sent) void one.then(() => (settled += 1))
  expect(output.writableNeedDrain).toBe(true)
  while (output.writableNeedDrain) {
    take()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(sent)
  expect(settled).toBe(50)
})

test('a failed output rejects pending messages, and a closed one delays no sender', async () => {
  const failing = await stalled()
  const rejected = Promise.allSettled(notify(failing.transport, 3))
  failing.output.destroy(new Error('The disk is full.'))
  expect((await rejected).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  const closing = await stalled()
  const ended = Promise.all(notify(closing.transport, 3))
  closing.output.destroy()
  await ended
})
