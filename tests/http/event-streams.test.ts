import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { modernCaller } from '../bridge/support/mcp-caller.ts'
import { openSession } from '../bridge/support/start-bridge-rig.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

const MAX_STREAMS = 32

describe('event streams of one token', () => {
  let engine: TestEngine
  let address: string
  const leaving = new AbortController()
  beforeEach(async () => {
    engine = await startTestEngine({ sample: false })
    await engine.owner.projects.create({ name: 'p' })
    address = `${engine.url}/projects/p/mcp`
  })
  afterEach(async () => {
    leaving.abort()
    await engine[Symbol.asyncDispose]()
  })

  async function token(name: string): Promise<string> {
    return (await engine.owner.tokens.create({ project: 'p', name, kind: 'access', clone: true })).secret ?? ''
  }
  const listen = (secret: string, signal = leaving.signal): Promise<Response> =>
    modernCaller(address, secret).open('subscriptions/listen', { notifications: { toolsListChanged: true } }, signal)

  test('are limited to 32, however they are opened, and closing one allows another', async () => {
    const secret = await token('greedy')
    const session = await openSession(address, secret)
    const get = (): Promise<Response> =>
      fetch(address, {
        headers: { accept: 'text/event-stream', authorization: `Bearer ${secret}`, 'mcp-session-id': session.id },
        signal: leaving.signal,
      })
    const first = new AbortController()
    expect((await listen(secret, first.signal)).status).toBe(200)
    for (let open = 1; open < MAX_STREAMS; open += 1) expect((await listen(secret)).status).toBe(200)

    for (const refused of [await listen(secret), await get()])
      expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'RATE_LIMITED' }])
    // Calls don't count as streams, and each token has its own limit.
    expect((await session.send('tools/list')).status).toBe(200)
    expect((await listen(await token('other'))).status).toBe(200)

    first.abort()
    await expect.poll(async () => (await get()).status).toBe(200)
    expect((await listen(secret)).status).toBe(429)
  })
})
