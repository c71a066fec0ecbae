import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { JsonObject } from '../../src/engine/text/json.ts'
import type { MessagePipe } from '../../src/engine/mcp-upstreams/session/message-pipe.ts'
import { createRpcPeer } from '../../src/engine/mcp-upstreams/session/rpc-peer.ts'

function peerOver(answer: Promise<JsonObject>) {
  const sent: JsonObject[] = []
  const pipe = {
    perRequestStream: false,
    send: async (message: JsonObject) => void sent.push(message),
    close: async () => {},
  } as unknown as MessagePipe
  const peer = createRpcPeer(pipe, { request: () => answer, notify: () => {}, closed: () => {} }, () =>
    performance.now(),
  )
  return { peer, pipe, sent }
}
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it("the time a client takes to respond does not count toward the upstream's timeout", async () => {
  const thinking = Promise.withResolvers<JsonObject>()
  const { peer, pipe, sent } = peerOver(thinking.promise)
  const call = peer.request('tools/call', {}, { timeoutMs: 200, cancelBy: 'notify' })
  pipe.onMessage?.({ jsonrpc: '2.0', id: 'ask', method: 'elicitation/create', params: {} })
  await vi.advanceTimersByTimeAsync(600)
  thinking.resolve({ action: 'accept' })
  await vi.advanceTimersByTimeAsync(0)
  expect(sent.at(-1)).toMatchObject({ id: 'ask', result: { action: 'accept' } })
  pipe.onMessage?.({ jsonrpc: '2.0', id: 1, result: { content: [] } })
  expect(await call).toEqual({ content: [] })
})

it("the timeout runs again after the client's response", async () => {
  const { peer, pipe } = peerOver(Promise.resolve({ action: 'decline' }))
  const call = peer.request('tools/call', {}, { timeoutMs: 100, cancelBy: 'notify' })
  pipe.onMessage?.({ jsonrpc: '2.0', id: 'ask', method: 'elicitation/create', params: {} })
  const failed = expect(call).rejects.toThrow(/didn't respond/)
  await vi.advanceTimersByTimeAsync(101)
  await failed
})

it('a request of the upstream with an ID beyond 2^53 gets a response with the same ID', async () => {
  const { pipe, sent } = peerOver(Promise.resolve({}))
  pipe.onMessage?.({ jsonrpc: '2.0', id: 12_345_678_901_234_567_890n, method: 'ping' })
  await vi.advanceTimersByTimeAsync(0)
  expect(sent).toEqual([{ jsonrpc: '2.0', id: 12_345_678_901_234_567_890n, result: {} }])
})

it("values that can't be converted to a number or a text cause no response and no error", async () => {
  const { peer, pipe } = peerOver(Promise.resolve({}))
  const odd = { valueOf: 1, toString: 1 }
  const onProgress = vi.fn()
  const call = peer.request('tools/call', {}, { timeoutMs: 100, cancelBy: 'notify', onProgress })
  for (const id of [odd, [1], true, null]) {
    pipe.onMessage?.({ jsonrpc: '2.0', id, result: { wrong: true } })
    pipe.onMessage?.({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: id, progress: 1 } })
  }
  expect(onProgress).not.toHaveBeenCalled()
  const failed = expect(call).rejects.toMatchObject({ code: -32_000, message: '{"valueOf":1,"toString":1}' })
  pipe.onMessage?.({ jsonrpc: '2.0', id: 1, error: { code: -32_000, message: odd } })
  await failed
})
