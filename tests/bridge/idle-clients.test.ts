import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { createTestClock, type TestClock } from '../support/test-clock.ts'
import { modernCaller } from './support/mcp-caller.ts'
import { openSession } from './support/start-bridge-rig.ts'

const SERVER = join(import.meta.dirname, '../mcp-upstreams/support/start-stdio-server.mjs')
const MINUTE = 60_000

describe('clients that leave without closing their session', { timeout: 60_000 }, () => {
  let engine: TestEngine
  let clock: TestClock
  let url: string
  let token: string

  beforeEach(async () => {
    clock = createTestClock()
    engine = await startTestEngine({ sample: false, clock })
    await engine.owner.projects.create({ name: 'p' })
    await engine.owner.connections.create({
      name: 'up',
      project: 'p',
      config: { kind: 'mcp', command: process.execPath, args: [SERVER] },
    })
    token = (await engine.owner.tokens.create({ project: 'p', name: 't', kind: 'access', clone: true })).secret ?? ''
    url = `${engine.url}/projects/p/mcp`
  })
  afterEach(() => engine?.[Symbol.asyncDispose]())

  const sessions = async (): Promise<number> => (await engine.owner.connections.diagnostics({ name: 'up' })).sessions

  test('a client with a session loses its upstream session ten minutes after its last use', async () => {
    const client = await openSession(url, token)
    await client.tool('up__echo', { a: 1 })
    clock.advance(9 * MINUTE)
    expect(await sessions()).toBe(1)
    clock.advance(3 * MINUTE)
    await expect.poll(sessions).toBe(0)
    expect((await client.tool('up__echo', { b: 2 }))?.['result'].content[0].text).toBe('{"b":2}')
  })

  test('a session with an open event stream keeps its upstream session', async () => {
    const client = await openSession(url, token)
    await client.tool('up__echo')
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'mcp-session-id': client.id }
    const away = new AbortController()
    const stream = await fetch(url, { headers, signal: away.signal })
    clock.advance(30 * MINUTE)
    expect(await sessions()).toBe(1)
    away.abort()
    await stream.text().catch(() => undefined)
    await expect
      .poll(async () => {
        clock.advance(11 * MINUTE)
        return sessions()
      })
      .toBe(0)
  })

  test('a listening client without a session loses its upstream session once it disconnects', async () => {
    const client = modernCaller(url, token)
    await client.send('tools/list')
    const away = new AbortController()
    const stream = await client.open('subscriptions/listen', { notifications: { toolsListChanged: true } }, away.signal)
    await expect.poll(sessions).toBe(1)
    clock.advance(30 * MINUTE)
    expect(await sessions()).toBe(1)
    away.abort()
    await stream.text().catch(() => undefined)
    await expect.poll(sessions).toBe(0)
  })

  test('a client without a session loses its upstream session ten minutes after its last request', async () => {
    const client = modernCaller(url, token)
    await client.send('tools/call', { name: 'up__echo', arguments: {} })
    expect(await sessions()).toBe(1)
    clock.advance(11 * MINUTE)
    await expect.poll(sessions).toBe(0)
    expect((await client.send('tools/call', { name: 'up__echo', arguments: { c: 3 } }))['result'].content[0].text).toBe(
      '{"c":3}',
    )
  })
})
