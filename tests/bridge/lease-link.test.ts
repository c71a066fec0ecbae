import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLeaseLink } from '../../src/engine/bridge/upstream/sessionless/lease-link.ts'
import type { McpCatalog, McpSession, McpUpstreams } from '../../src/engine/mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../src/engine/text/json.ts'

const IDLE_MS = 20
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function rig() {
  const answers = new Map<string, (result: JsonObject) => void>()
  let open = 0
  const upstreams: Pick<McpUpstreams, 'openSession' | 'catalog'> = {
    catalog: () => ({ era: 'legacy', capabilities: {} }) as McpCatalog,
    openSession(connection) {
      open += 1
      const cut = Promise.withResolvers<never>()
      cut.promise.catch(() => undefined)
      return {
        connection,
        request: (_method: string, params: JsonObject) =>
          Promise.race([
            cut.promise,
            new Promise<JsonObject>((resolve) => answers.set(String(params['name']), resolve)),
          ]),
        close() {
          open -= 1
          cut.reject(new Error('The session was closed.'))
          return Promise.resolve()
        },
      } as unknown as McpSession
    },
  }
  const link = createLeaseLink({
    owner: 'token',
    upstreams: upstreams as McpUpstreams,
    onListChanged: () => {},
    onUpdated: () => {},
    onError: () => {},
    idleMs: IDLE_MS,
  })
  const call = (name: string) =>
    link.request({
      connection: 'up',
      method: 'tools/call',
      params: { name },
      signal: new AbortController().signal,
      turn: { ask: () => Promise.reject(new Error('nobody')), tell: () => {} },
    })
  return { link, call, sessions: () => open, answer: (name: string) => answers.get(name)?.({ name }) }
}

test('a long call on a shared upstream session continues when a short call beside it ends', async () => {
  const { link, call, sessions, answer } = rig()
  const long = call('long')
  const short = call('short')
  await vi.advanceTimersByTimeAsync(0)
  expect(sessions()).toBe(1)
  answer('short')
  await expect(short).resolves.toEqual({ name: 'short' })
  await vi.advanceTimersByTimeAsync(5 * IDLE_MS)
  expect(sessions()).toBe(1)
  answer('long')
  await expect(long).resolves.toEqual({ name: 'long' })
  await vi.advanceTimersByTimeAsync(IDLE_MS)
  expect(sessions()).toBe(0)
  await link.close()
})
