import { afterEach, beforeEach, expect, it } from 'vitest'
import type { JsonObject } from '../../src/engine/text/json.ts'
import { eventually, openMcpRoom, quietClient, textOf, type McpRoom } from './support/mcp-room.ts'
import { scriptedCommand } from './support/scripted-command.ts'

const FINE = { name: 'fine', inputSchema: { type: 'object' } }

let room: McpRoom
beforeEach(async () => {
  room = await openMcpRoom()
})
afterEach(() => room[Symbol.asyncDispose]())

const says = (what: JsonObject) => scriptedCommand(room.home, 'up', what)

async function inUse() {
  await room.add('up', says({ tools: [FINE] }))
  const session = room.mcp.openSession('up', quietClient())
  const call = () => session.request('tools/call', { name: 'fine' })
  expect(textOf(await call())).toBe('ran fine')
  room.mcp.watch()
  await room.mcp.refresh('up')
  room.health.length = 0
  return { session, call }
}

it('a connection in use is checked every 60 s and reported as down before anyone calls it', async () => {
  await inUse()
  says({ tools: [FINE], hangs: ['tools/list'] })
  room.clock.advance(59_000)
  expect(room.health).toEqual([])
  room.clock.advance(1000)
  // The check has started, and is silent for 10 s.
  await new Promise((resolve) => setImmediate(resolve))
  expect(room.health).toEqual([])
  room.clock.advance(10_000)
  await eventually(() => room.health.at(-1)?.problem?.includes("didn't respond to tools/list within 10 s") === true)
})

it('a check finds that a hanging connection works again, without a call', async () => {
  const { call } = await inUse()
  says({ tools: [FINE], hangs: ['tools/list', 'tools/call', 'ping'] })
  room.clock.advance(60_000)
  await new Promise((resolve) => setImmediate(resolve))
  room.clock.advance(10_000)
  await eventually(() => room.health.at(-1)?.problem !== undefined && room.health.at(-1)?.problem !== null)
  await expect(call()).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT', reason: 'unresponsive' })
  says({ tools: [FINE] })
  // The first probe started with the failure, and this is the next one.
  await eventually(() => {
    room.clock.advance(2000)
    return room.health.at(-1)?.problem === null
  }, 60_000)
  expect(textOf(await call())).toBe('ran fine')
}, 90_000)

it('a check does not count as use, so a connection without calls is no longer checked after a minute', async () => {
  await inUse()
  room.clock.advance(60_000)
  await eventually(() => room.health.at(-1)?.problem === null)
  room.health.length = 0
  says({ tools: [FINE], hangs: ['tools/list'] })
  room.clock.advance(60_000)
  room.clock.advance(60_000)
  expect(room.used).toEqual([expect.any(Number)])
  expect(room.health).toEqual([])
})

it('after a restart, connections are checked before their first call', async () => {
  await room.add('up', says({ tools: [FINE] }))
  says({ stderr: 'no longer installed\n', exit: 1 })
  await room.restart()
  room.health.length = 0
  room.mcp.watch()
  await eventually(() => room.health.at(-1)?.problem?.includes('no longer installed') === true)
})
